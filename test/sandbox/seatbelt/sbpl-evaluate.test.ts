import { describe, expect, test } from 'vitest';
import { evaluateSbpl } from '../../../src/sandbox/seatbelt/sbpl-evaluate.js';
import { parseSbpl } from '../../../src/sandbox/seatbelt/sbpl-syntax.js';

const HEAD = '(version 1)\n(deny default)\n';
const read = (path: string) => ({ operation: 'file-read-data', path });

describe('SBPL', () => {
  test('the last rule that matches decides, the default where none does', () => {
    const profile = evaluateSbpl(
      `${HEAD}(allow file-read* (subpath "/a"))(deny file-read-data (subpath "/a/b"))(allow file-read* (literal "/a/b/c"))`,
    );
    expect(profile.allows(read('/a/x'))).toBe(true);
    expect(profile.allows(read('/a/b/x'))).toBe(false);
    expect(profile.allows(read('/a/b/c'))).toBe(true);
    expect(profile.allows({ operation: 'file-read-metadata', path: '/a/b/x' })).toBe(true);
    expect(profile.allows(read('/b'))).toBe(false);
    expect(evaluateSbpl('(version 1)(allow default)').allows(read('/b'))).toBe(true);
  });

  test('filters of a rule are alternatives; literal, subpath, prefix and regex mean what they say', () => {
    const profile = evaluateSbpl(
      `${HEAD}(allow file-read* (literal "/l") (subpath "/s") (prefix "/p") (regex #"^/r/[0-9]+\\.js$"))`,
    );
    for (const path of ['/l', '/s', '/s/x', '/px', '/r/12.js']) expect(profile.allows(read(path)), path).toBe(true);
    for (const path of ['/l/x', '/sx', '/r/x.js', '/r/12.jsx', '/x/r/12.js'])
      expect(profile.allows(read(path)), path).toBe(false);
  });

  test('require-any, require-all and require-not combine', () => {
    const profile = evaluateSbpl(
      `${HEAD}(allow file-read* (require-all (subpath "/a") (require-not (require-any (literal "/a/x") (subpath "/a/y")))))`,
    );
    expect(profile.allows(read('/a/z'))).toBe(true);
    expect(profile.allows(read('/a/x'))).toBe(false);
    expect(profile.allows(read('/a/y/z'))).toBe(false);
  });

  test('addresses match host and port', () => {
    const profile = evaluateSbpl(`${HEAD}(allow network-outbound (remote ip "localhost:80"))`);
    const to = (remote: string) => profile.allows({ operation: 'network-outbound', remote });
    expect([to('localhost:80'), to('127.0.0.1:80'), to('::1:80')]).toEqual([true, true, true]);
    expect([to('localhost:81'), to('192.0.2.1:80')]).toEqual([false, false]);
    expect(profile.allows({ operation: 'network-bind', local: 'localhost:80' })).toBe(false);
    const any = evaluateSbpl(`${HEAD}(allow network* (remote tcp "*:443"))`);
    expect(any.allows({ operation: 'network-outbound', remote: '192.0.2.1:443' })).toBe(true);
  });

  test('strings and comments are read as Scheme reads them', () => {
    expect(parseSbpl('; x ( "\n("a\\"b" sym #"\\.js$")')).toEqual([
      {
        kind: 'list',
        items: [
          { kind: 'string', text: 'a"b' },
          { kind: 'symbol', text: 'sym' },
          { kind: 'regex', text: '\\.js$' },
        ],
      },
    ]);
  });

  test.each([
    ['(version 1)', 'no default'],
    ['(allow file-read*)', 'before (version 1)'],
    [`${HEAD}(allow file-read* (subpath "/a")`, 'open ('],
    [`${HEAD})`, 'unmatched )'],
    [`${HEAD}(allow file-read* (subpth "/a"))`, 'unknown filter (subpth'],
    [`${HEAD}(allow fiel-read* (subpath "/a"))`, 'unknown operation'],
    [`${HEAD}(allow (subpath "/a"))`, 'without an operation'],
    [`${HEAD}(import "system.sb")`, 'unknown form (import'],
    [`${HEAD}(allow network* (remote ip "192.0.2.1:80"))`, 'macOS refuses'],
    [`${HEAD}(allow file-read* (regex "x"))`, 'without #"'],
  ])('%s is refused', (text, reason) => {
    expect(() => evaluateSbpl(text)).toThrow(reason);
  });
});
