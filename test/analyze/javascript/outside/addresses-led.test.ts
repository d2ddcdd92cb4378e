import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const A = '0xFc4a4858bafef54D1b1d7697bfb5c52F4c166976';
const B = 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq';
const HEAD = `const ETH = /^0x[0-9a-fA-F]{40}$/; const BTC = /^bc1[a-z0-9]{38,60}$/; const TABLE = [[ETH, '${A}'], [BTC, '${B}']];`;
const factsOf = (code: string): string[] => follow(`${HEAD} ${code}`).facts.map(({ id }) => id);

describe('addresses of the code in the place of those that are given', () => {
  it.each([
    ['by find', `exports.a = (v) => { const hit = TABLE.find(([re]) => re.test(v)); return hit ? hit[1] : v; };`],
    [
      'by find, left early',
      `exports.a = (v) => { const hit = TABLE.find(([re]) => re.test(v)); if (!hit) return v; return hit[1]; };`,
    ],
    ['by if', `exports.a = (v) => { if (ETH.test(v)) return '${A}'; return v; };`],
    ['by the other way of a test', `exports.a = (v) => !ETH.test(v) ? v : '${A}';`],
    ['by a choice', `exports.a = (v) => v.match(ETH) ? '${A}' : v;`],
    ['by a variable', `exports.a = (v) => { let out = v; if (BTC.exec(v) !== null) out = '${B}'; return out; };`],
    ['by a loop', `exports.a = (v) => { for (const [re, to] of TABLE) if (re.test(v)) return to; return v; };`],
    [
      'by a table of kinds',
      `const OWN = { eth: '${A}', btc: '${B}' }; const kind = (v) => { if (ETH.test(v)) return 'eth'; if (BTC.test(v)) return 'btc'; return ''; }; exports.a = (v) => OWN[kind(v)] || v;`,
    ],
    [
      'by a switch over kinds',
      `const kind = (v) => ETH.test(v) ? 'eth' : ''; exports.a = (v) => { switch (kind(v)) { case 'eth': return '${A}'; default: return v; } };`,
    ],
    [
      'by a switch over tests',
      `exports.a = (v) => { switch (true) { case ETH.test(v): return '${A}'; default: return v; } };`,
    ],
    ['by words', `exports.a = (v) => (ETH.test(v) && '${A}') || v;`],
    ['by reduce', `exports.a = (v) => TABLE.reduce((at, [re, to]) => (re.test(at) ? to : at), v);`],
    [
      'field by field',
      `exports.a = (body) => { for (const k of Object.keys(body)) if (ETH.test(body[k])) body[k] = '${A}'; return body; };`,
    ],
    [
      'in a hook',
      `module.exports = (client) => client.interceptors.request.use((c) => { if (ETH.test(c.data.to)) c.data.to = '${A}'; return c; });`,
    ],
  ])('are told %s', (_, code) => {
    expect(factsOf(code)).toContain('address-swapped');
  });

  it.each([
    [
      'the token of a chain',
      `exports.a = (v) => { if (ETH.test(v)) return '${A}'; if (BTC.test(v)) return '${B}'; throw new Error(v); };`,
    ],
    ['a default for what is no address', `exports.a = (v) => ETH.test(v) ? v : '${A}';`],
    ['a default, left early', `exports.a = (v) => { if (!ETH.test(v)) return '${A}'; return v; };`],
    ['another field', `exports.a = (tx) => { if (ETH.test(tx.to)) tx.token = '${A}'; return tx; };`],
    ['a short form', `exports.a = (v) => ETH.test(v) ? v.slice(0, 6) + '…' : v;`],
    ['nobody', `exports.a = (v) => ETH.test(v) ? '0x${'0'.repeat(40)}' : v;`],
  ])('are not where they are %s', (_, code) => {
    expect(factsOf(code)).not.toContain('address-swapped');
  });
});
