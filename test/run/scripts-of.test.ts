import { expect, test } from 'vitest';
import { parseManifest } from '../../src/fetch/index.js';
import { scriptsOf } from '../../src/run/index.js';

const manifest = (json: object, hasBindingGyp = false) => ({ ...parseManifest(JSON.stringify(json)), hasBindingGyp });
const scripts = { postinstall: 'c', install: 'b', preinstall: 'a', prepare: 'p', prepublish: 'x', test: 't' };

test('of the registry’s packages npm runs three events, in this order', () => {
  expect(scriptsOf('registry', manifest({ scripts })).map(({ event }) => event)).toEqual([
    'preinstall',
    'install',
    'postinstall',
  ]);
});

test.each(['git', 'directory', 'workspace'] as const)('of %s sources it runs prepare, too', (source) => {
  expect(scriptsOf(source, manifest({ scripts })).map(({ event }) => event)).toContain('prepare');
});

test('a bare binding.gyp means node-gyp, unless scripts or gypfile say otherwise', () => {
  const implicit = { event: 'install', command: 'node-gyp rebuild', implicit: true };
  expect(scriptsOf('registry', manifest({}, true))).toEqual([implicit]);
  expect(scriptsOf('registry', manifest({ scripts: { postinstall: 'c' } }, true))).toEqual([
    implicit,
    { event: 'postinstall', command: 'c', implicit: false },
  ]);
  expect(scriptsOf('registry', manifest({ gypfile: false }, true))).toEqual([]);
  for (const event of ['install', 'preinstall']) {
    expect(scriptsOf('registry', manifest({ scripts: { [event]: 'x' } }, true)).map(({ command }) => command)).toEqual([
      'x',
    ]);
  }
});

test('empty and non-string scripts do not run', () => {
  expect(scriptsOf('registry', manifest({ scripts: { install: '', postinstall: 7 } }))).toEqual([]);
});
