import { describe, expect, it } from 'vitest';
import { defaultRulesFolder, loadRules } from '../../src/analyze/index.js';
import { SINKS, SOURCES } from '../../src/analyze/vocabulary.js';

/** Values under this key anywhere in a condition. */
function under(key: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => under(key, each));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === key && Array.isArray(inner) ? inner.map(String) : under(key, inner),
  );
}

function isKnown(id: string, words: readonly string[]): boolean {
  return words.some((word) => word === id || word.startsWith(`${id}.`));
}

describe('rules speak of sources and sinks that front ends can give', () => {
  const { rules } = loadRules([defaultRulesFolder()]);

  it.each([
    ['from', Object.keys(SOURCES)],
    ['to', Object.keys(SINKS)],
  ] as const)('%s', (key, words) => {
    expect(rules.length).toBeGreaterThan(60);
    const wrong = rules.flatMap((rule) =>
      [...under(key, rule.when), ...under(key, rule.unless), ...under(key, rule.soften)]
        .filter((id) => !isKnown(id, words))
        .map((id) => `${rule.id}: ${id}`),
    );
    expect(wrong).toEqual([]);
  });
});
