import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Prebuilt {
  /** What the texts say. */
  parsed: Record<string, unknown>;
  /** What their schemas made of that. */
  checked: Record<string, unknown>;
}

let prebuilt: Prebuilt | null = null;

/**
 * Parses a YAML text. What the build has parsed already (`scripts/build-rules.mjs`: this package's own rules, by the hash of
 * their text) is taken from there: parsing them costs more than the scan of a small package, and loading the parser as much again.
 * The value is shared: it is not to be changed.
 * @throws Error of the parser, its first line saying what is wrong and where
 */
export function parseYaml(text: string): unknown {
  prebuilt ??= readPrebuilt();
  const hash = hashOf(text);
  if (Object.hasOwn(prebuilt.parsed, hash)) return prebuilt.parsed[hash];
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return parse(text, { maxAliasCount: 100 });
}

/** A rule or list of indicators of this package as its schema gives it, where the build has checked this very text; else undefined. */
export function checkedAtBuild(text: string): unknown {
  prebuilt ??= readPrebuilt();
  return prebuilt.checked[hashOf(text)];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

// Beside the built code only; the sources parse.
function readPrebuilt(): Prebuilt {
  const file = fileURLToPath(new URL('./rules.json', import.meta.url));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Prebuilt) : { parsed: {}, checked: {} };
}
