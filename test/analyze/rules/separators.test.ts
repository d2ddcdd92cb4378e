import { describe, expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import type { ArgumentFact, Observation } from '../../../src/analyze/observation.js';
import { hostOf, isNamesake, isUsersRegistry } from '../../../src/analyze/rules/host.js';
import { ownRules, packageOf } from '../in-memory.js';

function request(target: string, from: [string, string][], more: Partial<Observation> = {}): Observation {
  const taints = from.map(([source, detail]) => ({ source, detail, file: 'a.js', line: 1, through: [], steps: [] }));
  const argument: ArgumentFact = { text: target, constant: true, taints, decoded: false, fields: {} };
  const entry = { phase: 'install' as const, file: 'a.js', via: 'scripts.install' };
  return {
    sink: 'net.out',
    api: 'fetch',
    target,
    language: 'javascript',
    args: [argument],
    taints,
    guards: [],
    entry,
    unasked: true,
    resolved: true,
    file: 'a.js',
    line: 1,
    column: 0,
    steps: [],
    ...more,
  };
}

const SETTING: [string, string] = ['env.named', 'npm_config_registry'];

describe('the registry that the user configured', () => {
  test('is one whose address comes from npm, and that is asked', () => {
    expect(isUsersRegistry(request('https://r.example/a.tgz', [SETTING]))).toBe(true);
    expect(isUsersRegistry(request('https://r.example/a.tgz', [['secret.file', '~/.npmrc']]))).toBe(true);
  });

  test('is none where the setting is only sent along, or something is posted', () => {
    expect(isUsersRegistry(request('https://r.example/a.tgz', []))).toBe(false);
    expect(isUsersRegistry(request('https://r.example/?r=\uFFFC', [SETTING]))).toBe(false);
    expect(isUsersRegistry(request('https://r.example/\uFFFC', [SETTING]))).toBe(false);
    expect(isUsersRegistry(request('http://r.example/a.tgz', [SETTING]))).toBe(false);
    expect(isUsersRegistry(request('https://r.example/a', [SETTING], { api: 'https.request().end' }))).toBe(false);
    const posted = request('https://r.example/a', [SETTING]);
    posted.args.push({ text: null, constant: false, taints: [], decoded: false, fields: { method: 'POST' } });
    expect(isUsersRegistry(posted)).toBe(false);
  });
});

test.each([
  ['ACME_API_KEY', 'in.acme.example', true],
  ['ACME_TOKEN', 'api.acme-cloud.example', false],
  ['NPM_TOKEN', 'in.acme.example', false],
  ['AWS_SECRET', 'in.aws.example', false],
  ['GITHUB_TOKEN', 'api.github.com', false],
])('%s is called like %s: %s', (credential, host, expected) => {
  expect(isNamesake(credential, host)).toBe(expected);
});

test('of a rule that needs two things, a separator of all that does one of them lowers it', () => {
  const weightOf = (target: string): number => {
    const text = `const fs = require('fs'), path = require('path');
const root = process.env.INIT_CWD;
const list = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).mine;
for (const name of fs.readdirSync(root)) { console.log(name); ${target} }`;
    const verdict = analyzePackage(packageOf({ 'a.js': text }, { scripts: { postinstall: 'node a.js' } }), ownRules());
    return Math.max(
      0,
      ...verdict.findings.filter(({ rule }) => rule === 'listed-files-overwritten').map(({ weight }) => weight),
    );
  };
  const named = weightOf('fs.unlinkSync(path.join(root, list.file));');
  const listed = weightOf('fs.unlinkSync(path.join(root, name));');
  const both = weightOf('fs.unlinkSync(path.join(root, list.file)); fs.unlinkSync(path.join(root, name));');
  expect(named).toBeLessThan(listed);
  expect(both).toBe(listed);
});

test('the name of an archive behind an address that is not known is no host', () => {
  expect(hostOf(request('\uFFFC.de.zip', []))).toBeNull();
  expect(hostOf(request('\uFFFC.in.acme.example', []))).toBe('*.in.acme.example');
});

test('a program that exports name too is one that a user starts, a library is none', () => {
  const weightOf = (first: string): number => {
    const text = `${first}require('fs').writeFileSync(process.cwd() + '/yarn.lock', process.argv[2]);`;
    const verdict = analyzePackage(packageOf({ 'a.js': text }, { main: 'a.js', bin: 'a.js' }), ownRules());
    return Math.max(
      ...verdict.findings.filter(({ rule }) => rule === 'lockfile-tampering').map(({ weight }) => weight),
    );
  };
  expect(weightOf('#!/usr/bin/env node\n')).toBeLessThan(40);
  expect(weightOf('')).toBeGreaterThan(70);
});

test('what only chose among known addresses is not sent, what stands in one is', () => {
  const weightOf = (address: string): number => {
    const text = `const file = JSON.parse(require('fs').readFileSync(require('os').homedir() + '/.pagesrc', 'utf8'));
const base = file.near ? 'https://a.pages.example' : 'https://b.pages.example';
require('axios')({ method: 'get', url: ${address} });`;
    const { findings } = analyzePackage(packageOf({ 'a.js': text }, { main: 'a.js' }), ownRules());
    return Math.max(0, ...findings.filter(({ rule }) => rule === 'source-upload').map(({ weight }) => weight));
  };
  expect(weightOf("base + '/index.json'")).toBeLessThan(40);
  expect(weightOf("base + '/index.json?f=' + file.near")).toBeGreaterThan(70);
});

test('in a large program the name of a cipher somewhere makes no ransom of files that are written and removed', () => {
  const found = (filler: number, stored: string): boolean => {
    const files = {
      'a.js': `require('./b'); require('./c'); const fs = require('fs'), path = require('path'), os = require('os');
const file = path.join(os.homedir(), 'notes', process.argv[2]);
const kept = fs.readFileSync(file); fs.writeFileSync(file + '.new', ${stored}); fs.unlinkSync(file);
function sealed(text) { const c = require('crypto').createCipheriv('aes-256-gcm', process.argv[3], 'i'); return c.update(text) + c.final('hex'); }`,
      'b.js': `exports.seal = (k, t) => require('crypto').createCipheriv('aes-256-gcm', k, 'i').update(t);`,
      'c.js': `exports.words = '${'word '.repeat(filler)}';`,
    };
    const { findings } = analyzePackage(packageOf(files, { main: 'a.js' }), ownRules());
    return findings.some(({ rule }) => rule === 'ransom-shape');
  };
  expect(found(10, "'settings'")).toBe(true);
  expect(found(90_000, "'settings'")).toBe(false);
  expect(found(90_000, 'sealed(kept)')).toBe(true);
});

test('the compiled form beside the text of the code asks for a look, beside no text it is hidden code', () => {
  const weightOf = (source: string): number => {
    const files = {
      'a.js': `const fs = require('fs'), vm = require('vm');
const script = new vm.Script(${source}, { cachedData: fs.readFileSync(__dirname + '/code.cache') }); script.runInThisContext();`,
      'code.txt.js': `(()=>{var modules={1:(m)=>{m.exports='${'part '.repeat(600)}'}}; modules[1](module)})()`,
      'code.cache': 'x'.repeat(3_000),
    };
    const { findings } = analyzePackage(packageOf(files, { main: 'a.js' }), ownRules());
    return Math.max(0, ...findings.filter(({ rule }) => rule === 'data-file-code').map(({ weight }) => weight));
  };
  expect(weightOf("fs.readFileSync(__dirname + '/code.txt.js', 'utf8')")).toBeLessThan(75);
  expect(weightOf("'\"' + ' '.repeat(4000) + '\"'")).toBeGreaterThan(75);
});
