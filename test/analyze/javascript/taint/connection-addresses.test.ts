import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

/** What is said of secrets that reach the host of the code. */
const secrets = (methods: string, sent: string): string[] =>
  follow(`class Client { constructor(place) { this.url = new URL(place); } ${methods}
report() { ${sent} } }
exports.Client = Client;`)
    .observations.filter(({ sink }) => sink === 'net.out')
    .flatMap(({ taints }) => taints.filter(({ source }) => source === 'param.secret'))
    .map(({ detail }) => detail);
const OPEN = 'open(driver) { return driver.open({ host: this.url.hostname, password: this.url.password }); }';
const post = (body: string): string => `fetch('https://h.example', { method: 'POST', body: ${body} });`;

describe('addresses of connections', () => {
  it('hold the password, where it was taken out of them to sign in', () => {
    expect(secrets(OPEN, post('this.url.href'))).toContain('password of a connection');
    expect(secrets(OPEN, post("JSON.stringify({ at: 'at ' + this.url.href })"))).toContain('password of a connection');
  });

  it('are addresses like others where nobody asked for one, where it was replaced, and in their other parts', () => {
    expect(secrets('', post('this.url.href'))).toEqual([]);
    expect(secrets(OPEN, post('this.url.hostname'))).toEqual([]);
    expect(secrets(OPEN, `this.url.password = '***'; ${post('this.url.href')}`)).toEqual([]);
  });
});
