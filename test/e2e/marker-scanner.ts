import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Rooms, Scanner, ScanTarget } from '../../src/install/index.js';
import type { Action, Verdict } from '../../src/model.js';

/**
 * A scanner whose verdict the test chooses: a package that holds the text `verdict: review` or `verdict: block` gets it.
 * For tests of what the road does with a verdict; what makes a verdict is tested with the real analyzer.
 */
export const markerScanner: Rooms['createScanner'] = async () =>
  ({ scan, close: async () => undefined }) satisfies Scanner;

async function scan(target: ScanTarget): Promise<Verdict> {
  const text =
    target.kind === 'tarball'
      ? gunzipSync(await readFile(target.file)).toString('latin1')
      : await readFile(`${target.folder}/package.json`, 'utf8');
  const action: Action = /verdict: block/.test(text) ? 'block' : /verdict: review/.test(text) ? 'review' : 'allow';
  return {
    action,
    score: { allow: 0, review: 40, block: 90 }[action],
    findings: [],
    capabilities: /"(pre|post)?install"\s*:/.test(text) ? ['script:install'] : [],
    stats: { files: 1, bytes: text.length, parsed: 0, ms: 0, fromCache: false },
  };
}
