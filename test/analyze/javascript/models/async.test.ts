import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const written = (code: string): (string | null)[] =>
  follow(code).observations.flatMap(({ sink, target }) => (sink === 'fs.write' ? [target] : []));

describe('a promise that may fail gives one as well as the other', () => {
  test.each([
    'fs.promises.stat(file).then(() => true, () => false)',
    'fs.promises.stat(file).then(() => true).catch(() => false)',
    'fs.promises.access(file).then(() => 1).catch(function () { return 0; })',
  ])('%s', (asked) => {
    const code = `const fs = require('fs'); const file = require('os').homedir() + '/x';
(async () => { if (await ${asked}) { fs.writeFileSync('/there', ''); return; } fs.writeFileSync('/missing', ''); })();`;
    expect(written(code).sort()).toEqual(['/missing', '/there']);
  });

  test('what its handler throws is not what it gives', () => {
    const code = `const fs = require('fs');
(async () => { const known = await fs.promises.stat('/x').then(() => 'there', () => { throw new Error('no'); }); fs.writeFileSync('/' + known, ''); })();`;
    expect(written(code)).toEqual(['/there']);
  });
});
