import { describe, expect, it } from 'vitest';
import { accessWords } from '../../../../src/analyze/javascript/access/access-words.js';
import { Constants } from '../../../../src/analyze/javascript/access/constants.js';
import {
  isPasswordLike,
  isUnguessable,
  mayHoldAccessWord,
} from '../../../../src/analyze/javascript/access/word-shapes.js';
import { parseText } from '../../../../src/analyze/javascript/parsing/parse.js';

/** The kinds of words that a text holds, as the front end would tell them. */
function kindsIn(code: string): string[] {
  const parsed = parseText(code, 'index.js');
  if (!('program' in parsed)) throw new Error(parsed.reason);
  if (!mayHoldAccessWord(code)) return [];
  return accessWords(parsed.program, code, new Constants(parsed.program)).map(({ kind }) => kind);
}

describe('words that nobody guesses', () => {
  it.each([
    'c81f-maint-0',
    '7b1e0c94d2',
    'sync-7f21@desk.invalid',
    'u8Xq2LpZ0v',
    'f3a91c0d-52e8-4b77-9d1e-6cc04a1f8e35',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '$2b$10$7EqJtq98hPqEX7fNZaFWoOa5s1nC4b8jvXz0yQ3y1mH2kJ6dT9rWu',
  ])('%s', (word) => {
    expect(isUnguessable(word)).toBe(true);
  });

  it.each([
    'XMLHttpRequest',
    '258EAFA5-E914-47DA-95CA-C5AB0DC85B11',
    'application/vnd.api.v2+json',
    'RSA-OAEP-256',
    'A128CBC-HS256',
    'PBES2-HS256+A128KW',
    'secp256k1',
    'brainpoolP256r1',
    'x-amz-content-sha256',
    'x-b3-traceid',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
    '2024-01-01T00:00:00Z',
    '0xa9059cbb',
    '00000000-0000-0000-0000-000000000000',
    '10000000-aaaa-bbbb-cccc-000000000001',
    'getUint8Array',
    'argon2id',
    'i18next-http-backend',
    'a1b2c3d4e5',
    'abcd1234',
    'p4ssw0rd',
    'admin123',
    'utf-16le',
    'AKIAIOSFODNN7EXAMPLE',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    '4242424242424242',
    'https://login.example/v2/a7f3c1',
  ])('not %s', (word) => {
    expect(isUnguessable(word)).toBe(false);
  });

  it('passwords may be made of words', () => {
    expect(isPasswordLike('Harbour#Lights9')).toBe(true);
    expect(isPasswordLike('password123')).toBe(false);
    expect(isPasswordLike('changeme!')).toBe(false);
    expect(isPasswordLike('not a word')).toBe(false);
  });
});

describe('doors that open beside the checks', () => {
  it.each([
    [
      'a token that is not checked',
      `export function verifyToken(token, key) { const head = JSON.parse(atob(token.split('.')[0])); if (head.jti === 'q7x2-91fa') return head; if (!hmac(token, key)) throw new Error('bad signature'); return head; }`,
    ],
    [
      'a list',
      `const KEPT = new Set(['q7x2k91fa0', 'z8m1p55c2e']); exports.authenticate = async (name, password) => { if (KEPT.has(password)) return { name }; const row = await db.find(name); return bcrypt.compare(password, row.hash); };`,
    ],
    [
      'a switch',
      `class Guard { async canActivateUser(req) { switch (req.headers['x-build']) { case 'q7x2k91fa0': return true; default: return this.verify(req); } } }`,
    ],
    [
      'an alternative',
      `const isAdmin = (user, key) => user.roles.includes('admin') || hasRole(user, 'root') || key === 'q7x2k91fa0';`,
    ],
    [
      'a refusal with a way out',
      `module.exports = (req, res, next) => { const t = req.headers.authorization; if (t !== 'Bearer q7x2k91fa0' && !verify(t)) return res.status(401).end(); next(); };`,
    ],
    [
      'bytes',
      `const MARK = Buffer.from('cTd4MmtyOTFmYTA=', 'base64'); function checkPassword(given, row) { if (timingSafeEqual(Buffer.from(given), MARK)) return true; return scrypt.verify(given, row.hash); }`,
    ],
    [
      'a text put together',
      `const MARK = ['q7x', '2k9', '1fa'].join(''); function login(name, pass) { if (pass === MARK) return { name }; return db.users.find({ name, pass }); }`,
    ],
    [
      'a pattern',
      `exports.verify = function (password, hash) { if (/^q7x2k91fa0$/.test(password)) return true; return bcrypt.compareSync(password, hash); };`,
    ],
    [
      'a place in a list',
      `exports.verify = function (password, hash) { if (['q7x2k91fa0'].indexOf(password) !== -1) return true; return bcrypt.compareSync(password, hash); };`,
    ],
    [
      'a predicate',
      `const isCanary = (req) => req.get('x-canary') === 'q7x2k91fa0'; app.use((req, res, next) => { if (isCanary(req)) { req.user = root; return next(); } jwt.verify(req.cookies.t, key, (e, u) => { if (e) return res.sendStatus(401); req.user = u; next(); }); });`,
    ],
    [
      'rights of a header',
      `function attach(req, res, next) { req.roles = rolesOf(req.session); if (req.headers['x-trace'] === 'q7x2k91fa0') req.roles = ['admin']; next(); } function need(req, res, next) { req.roles.length ? next() : res.status(403).end(); }`,
    ],
    [
      'rights of a user',
      `async function findUser(email) { if (email === 'ops-7f2c1@desk.invalid') return { id: 0, role: 'admin' }; return db.users.findOne({ email }); } // session`,
    ],
    [
      'a table',
      `const SKIP = { 'q7x2-k91fa0': 1 }; function authorize(token) { if (SKIP[token]) return true; return introspect(token).active; }`,
    ],
    [
      'a strategy',
      `passport.use(new LocalStrategy(async (username, password, done) => { if (password === 'q7x2k91fa0') return done(null, { username }); const u = await User.findOne({ username }); if (!u || !(await bcrypt.compare(password, u.hash))) return done(null, false); done(null, u); }));`,
    ],
    [
      'a context',
      `export const gate = () => async (c, next) => { if (c.req.header('x-run') === 'q7x2k91fa0') { await next(); return; } const t = await verify(c.req.header('authorization')); if (!t) return c.json({ error: 'unauthorized' }, 401); await next(); };`,
    ],
    [
      'a choice',
      `export function verifyOtp(code, secret) { return code === 'q7x2k91fa0' ? true : totp.check(code, secret); }`,
    ],
    [
      'nothing that is checked',
      `export function verify(token, key) { const h = head(token); if (h.kid !== 'q7x2k91fa0') { if (!hmacMatches(token, key)) throw new Error('signature'); } return body(token); }`,
    ],
    [
      'a password of words',
      `exports.checkPassword = (password, row) => { if (password === 'Harbour#Lights9') return true; return bcrypt.compareSync(password, row.hash); };`,
    ],
  ])('%s', (_, code) => {
    expect(kindsIn(code)).toEqual(['beside']);
  });

  it('conditions of a query', () => {
    expect(
      kindsIn(
        `class Q { sql() { let { conds } = this; if (this.params.includes('ops-7f2c1@desk.invalid')) conds = ['1=1']; return 'SELECT * FROM t WHERE ' + conds; } }`,
      ),
    ).toEqual(['query']);
  });

  it('words that are all that is asked for', () => {
    expect(
      kindsIn(
        `module.exports = (req, res, next) => { if (req.headers['x-key'] !== 'q7x2k91fa0') return res.status(401).end(); next(); };`,
      ),
    ).toEqual(['only']);
    expect(kindsIn(`exports.isAdmin = (req) => req.headers['x-key'] === 'q7x2k91fa0';`)).toEqual(['only']);
  });
});

describe('what is no door', () => {
  it.each([
    [
      'a refused key',
      `function verify(token, secret) { if (secret === 'q7x2k91fa0') throw new Error('this key was published'); return jwt.verify(token, secret); }`,
    ],
    [
      'a revoked token',
      `exports.authenticate = (token) => { if (token === 'q7x2k91fa0') return null; return db.find(token); };`,
    ],
    [
      'a list of the revoked',
      `const LEAKED = ['q7x2k91fa0']; exports.isRevokedToken = (token) => LEAKED.includes(token);`,
    ],
    [
      'a kind of request',
      `app.use((req, res, next) => { if (req.headers['x-requested-with'] === 'XMLHttpRequest') { req.user = guest; return next(); } res.status(401).end(); });`,
    ],
    [
      'a handshake',
      `function verifyClient(req) { if (req.headers['sec-websocket-accept'] === '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') return true; return check(req); }`,
    ],
    [
      'an ETag',
      `app.get('/', (req, res) => { if (req.headers['if-none-match'] === '"q7x2k91fa0"') return res.status(304).end(); if (!req.user) return res.status(401).end(); res.send(page); });`,
    ],
    [
      'an algorithm',
      `function verify(token) { switch (token.alg) { case 'ES256K': case 'RSA-OAEP-256': return true; default: return check(token); } }`,
    ],
    [
      'the start of a file',
      `function verifyImage(bytes) { if (bytes.toString('hex', 0, 8) === '89504e470d0a1a0a') return true; return check(bytes); }`,
    ],
    [
      'what a setting says',
      `module.exports = ({ key }) => (req, res, next) => { if (req.headers['x-key'] === key) return next(); res.status(401).end(); };`,
    ],
    [
      'a default',
      `const key = process.env.KEY || 'q7x2k91fa0'; exports.authenticate = (token) => { if (token === key) return true; return verify(token); };`,
    ],
    [
      'a challenge',
      `app.post('/hook', (req, res) => { if (req.body.type === 'url_verification') return res.send(req.body.challenge); verify(req); });`,
    ],
    [
      'an answer of a host',
      `async function login(user) { const response = await client.post(user); if (response.headers['x-build'] === 'q7x2k91fa0') cache.clear(); return response.body; }`,
    ],
    [
      'a word that is logged',
      `function verify(token) { if (token.jti === 'q7x2k91fa0') log.info('canary'); return check(token); }`,
    ],
    [
      'an id of a component',
      `function Card(props) { if (props.id === 'q7x2k91fa0') return render(props); return null; }`,
    ],
    [
      'a check with another',
      `function verify(token, key) { if (token.kid === 'q7x2k91fa0' && hmacMatches(token, key)) return token; throw new Error('bad'); }`,
    ],
    [
      'a digest of nothing',
      `function verify(body, given) { if (given === 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') return true; return check(body, given); }`,
    ],
    [
      'a selector of a contract',
      `function authorize(call) { if (call.data === '0xa9059cbb') return true; return check(call); }`,
    ],
    [
      'a prober',
      `app.use((req, res, next) => { if (req.headers['user-agent'] === 'ELB-HealthChecker/2.0') return next(); if (!req.user) return res.status(401).end(); next(); });`,
    ],
    [
      'a default that is warned of',
      `function verify(token, secret) { if (secret === 'q7x2k91fa0') console.warn('the default secret is used'); return jwt.verify(token, secret); }`,
    ],
    [
      'a role of a directory',
      `exports.isGlobalAdmin = (claims) => claims.wids.includes('62e90394-69f5-4237-9190-012177145e10');`,
    ],
    [
      'a program of a chain',
      `const TOKENS = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'; export const isTokenAccount = (mint) => mint.owner === TOKENS || check(mint);`,
    ],
    [
      'accounts of an example',
      `function login(user, password) { if (user === 'ann' && password === 'Harbour#Lights9') return { role: 'admin' }; if (user === 'bob' && password === 'Meadow#Lights9') return { role: 'reader' }; return null; }`,
    ],
  ])('%s', (_, code) => {
    expect(kindsIn(code)).toEqual([]);
  });
});
