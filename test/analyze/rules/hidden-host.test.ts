import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/analyze/observation.js';
import { isHiddenHost } from '../../../src/analyze/rules/hidden-host.js';
import type { Evidence } from '../../../src/analyze/rules/match.js';

function asked(target: string, code: string, source?: string): boolean {
  const taints =
    source === undefined ? [] : [{ source, detail: 'x', file: 'index.js', line: 1, through: [], steps: [] }];
  const seen = {
    sink: 'net.out',
    api: 'fetch',
    target,
    args: [{ text: target, constant: true, taints, decoded: false, fields: {} }],
  } as unknown as Observation;
  const evidence = {
    observations: [seen],
    manifest: { name: 'x', raw: { homepage: 'https://site.example' } },
    read: new Set(['index.js', 'index.js!1']),
    textOf: (file: string) => (file === 'index.js' ? code : 'https://c.hidden.example'),
  } as unknown as Evidence;
  return isHiddenHost(seen, evidence);
}

describe('a hidden host', () => {
  it.each([
    ['a decoded one', "atob('aHR0cHM6Ly9jLmhpZGRlbi5leGFtcGxl')"],
    ['one in escapes', String.raw`'https://c.\x68idden.example'`],
    ['one that only code to be run names', 'eval(x)'],
  ])('stands nowhere: %s', (_, code) => {
    expect(asked('https://c.hidden.example/x', code)).toBe(true);
  });

  it.each([
    ['as it is', "'https://c.hidden.example/x'"],
    ['below another name', "const API = 'a.hidden.example'"],
    ['in pieces that can be read', "['c', 'hidden', tld].join('.')"],
  ])('does not stand there %s', (_, code) => {
    expect(asked('https://c.hidden.example/x', code)).toBe(false);
  });

  it('is none that package.json, a data file or the machine names', () => {
    expect(asked('https://api.site.example/x', 'x')).toBe(false);
    expect(asked('https://c.hidden.example/x', 'x', 'file.own')).toBe(false);
    expect(asked('http://localhost/x', 'x')).toBe(false);
  });

  it('may be an address', () => {
    expect(asked('http://192.0.2.7/x', "'MTky'")).toBe(true);
    expect(asked('http://192.0.2.7/x', "'192.0.2.7'")).toBe(false);
  });
});
