import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/docs/pages.js';
import { BASE } from '../../src/config/index.js';
import { DEFAULT_THRESHOLDS } from '../../src/score.js';

const generated = await generatedFiles();

describe('generated pages and schemas', () => {
  it.each(generated.map(({ file, text }) => [file, text]))('%s is current (else: npm run docs)', (file, text) => {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('default thresholds', () => {
  it('are those of the analyzer', () => {
    expect(BASE.thresholds).toEqual(DEFAULT_THRESHOLDS);
  });
});
