import { expect, test } from 'vitest';
import { resolveAllowScripts, scriptHash } from '../../src/decide/index.js';

const none = { commandLine: [], packageJson: undefined, npmrc: [], global: false };

test('nobody has spoken', () => {
  expect(resolveAllowScripts(none)).toEqual({ policy: null, warnings: [] });
  expect(resolveAllowScripts({ ...none, packageJson: {} }).policy).toBeNull();
  expect(resolveAllowScripts({ ...none, packageJson: 'yes' }).policy).toBeNull();
});

test('the first layer that speaks wins whole', () => {
  const both = resolveAllowScripts({ ...none, packageJson: { a: false }, npmrc: ['b'] });
  expect(both.policy).toEqual({ a: false });
  expect(both.warnings.join()).toContain('.npmrc is ignored');
  expect(resolveAllowScripts({ ...none, npmrc: ['b', '@s/c@1.0.0'] }).policy).toEqual({ b: true, '@s/c@1.0.0': true });
});

test('the command line speaks in global installs only', () => {
  expect(() => resolveAllowScripts({ ...none, commandLine: ['a'] })).toThrow(/not allowed in project-scoped/);
  const global = { ...none, commandLine: ['a'], packageJson: { b: true }, global: true };
  expect(resolveAllowScripts(global).policy).toEqual({ a: true });
});

test.each(['a@^1.0.0', 'a@>=1', 'a@latest', 'a@1.x'])('%s is no key', (key) => {
  const { policy, warnings } = resolveAllowScripts({ ...none, packageJson: { [key]: false } });
  expect(policy).toBeNull();
  expect(warnings.join()).toContain(key);
});

test.each(['a', 'a@*', 'a@1.2.3', 'a@1.2.3 || 1.2.4', '@s/a@1.0.0', 'github:u/r#abc1234', 'file:../a'])(
  '%s is a key',
  (key) => {
    expect(resolveAllowScripts({ ...none, packageJson: { [key]: true } })).toEqual({
      policy: { [key]: true },
      warnings: [],
    });
  },
);

test('the hash of scripts does not depend on their order, and on nothing but event and text', () => {
  const a = { event: 'install', command: 'node a' };
  const b = { event: 'postinstall', command: 'node b' };
  expect(scriptHash([a, b])).toBe(scriptHash([b, a]));
  expect(scriptHash([a, b])).toMatch(/^sha512-/);
  const all = [[a, b], [a], [{ ...a, command: 'node b' }], [{ ...a, event: 'preinstall' }], []].map(scriptHash);
  expect(new Set(all).size).toBe(all.length);
});
