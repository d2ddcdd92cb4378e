import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/analyze/index.js';
import { plantedTexts } from '../../src/analyze/planted-texts.js';

const written = (target: string, text: string): Observation => ({
  sink: 'fs.write',
  api: 'fs.writeFileSync',
  target,
  language: 'javascript',
  args: [target, text].map((each) => ({ text: each, constant: true, taints: [], decoded: false, fields: {} })),
  taints: [],
  guards: [],
  entry: { phase: 'bin', file: 'cli.js', via: 'bin' },
  unasked: true,
  resolved: true,
  file: 'cli.js',
  line: 1,
  column: 0,
  steps: [],
});

describe('plantedTexts', () => {
  it('reads scripts that npm will run in a manifest that is written', () => {
    const manifest = JSON.stringify({
      scripts: { postinstall: 'node -e "fetch(\'https://c.example\')"', build: 'curl x' },
    });
    expect(plantedTexts(written('app/package.json', manifest))).toEqual(['node -e "fetch(\'https://c.example\')"']);
    expect(plantedTexts(written('app/package.json', '{"scripts":{"postinstall":"patch-package"}}'))).toEqual([]);
  });

  it('reads git hooks and start-up files that fetch, and nothing else', () => {
    expect(plantedTexts(written('$PROJECT/.git/hooks/pre-push', 'curl https://c.example'))).toHaveLength(1);
    expect(plantedTexts(written('~/.bashrc', 'eval "$(x)"'))).toHaveLength(1);
    expect(plantedTexts(written('.husky/pre-commit', 'npx lint-staged'))).toEqual([]);
    expect(plantedTexts(written('docs/setup.md', 'curl https://c.example'))).toEqual([]);
  });
});
