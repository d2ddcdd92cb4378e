import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { follow } from './sample.js';

/** One way a line: `s` is what stands in ~/.npmrc. */
const ways = readFileSync(new URL('./samples/ways-to-carry.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');

/** Modules of Node that the ways use. */
const MODULES = 'fs os path crypto http https zlib util stream events net tls dns dgram url querystring'.split(' ');

const around = (way: string): string => `
${MODULES.map((name) => `const ${name === 'querystring' ? 'qs' : name} = require('${name}');`).join('\n')}
async function go() {
  const s = fs.readFileSync(os.homedir() + '/.npmrc', 'utf8');
  ${way}
}
go();`;

test.each(ways)('a secret is followed to the network: %s', (way) => {
  const seen = follow({ 'index.js': around(way), 'w.js': '' }).observations.filter(
    ({ sink, taints, unasked }) =>
      unasked && /^(?:net|dns|mail)/.test(sink) && taints.some(({ source }) => source === 'secret.file'),
  );
  expect(seen.length).toBeGreaterThan(0);
});
