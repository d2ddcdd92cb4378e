import { expect, test } from 'vitest';
import {
  effectiveUrl,
  isFromRegistry,
  type RegistrySettings,
  registryFor,
  type TreeNode,
} from '../../src/resolve/index.js';

const settings: RegistrySettings = {
  registry: 'https://mirror.example/npm/',
  replaceRegistryHost: 'public.example',
  flat: { '@own:registry': 'https://own.example/' },
  ownFolders: new Set(),
};
const node = (name: string, resolved: string | null, isRegistryDependency = true): TreeNode =>
  ({ name, resolved, isRegistryDependency }) as TreeNode;

test('a scope has its own registry', () => {
  expect(registryFor('@own/a', settings)).toBe('https://own.example/');
  expect(registryFor('@other/a', settings)).toBe(settings.registry);
  expect(registryFor('a', settings)).toBe(settings.registry);
});

test.each([
  ['https://public.example/a/-/a-1.0.0.tgz', 'https://mirror.example/npm/a/-/a-1.0.0.tgz'],
  ['http://public.example:80/a/-/a-1.0.0.tgz', 'https://mirror.example/npm/a/-/a-1.0.0.tgz'],
  ['https://other.example/a/-/a-1.0.0.tgz', 'https://other.example/a/-/a-1.0.0.tgz'],
  ['git+ssh://git@host.example/u/r.git#abc', 'git+ssh://git@host.example/u/r.git#abc'],
])('%s is fetched from %s', (resolved, url) => {
  expect(effectiveUrl(resolved, settings)).toBe(url);
});

test('replace-registry-host: always, never, and a path', () => {
  const url = 'https://old.example/repo/a/-/a-1.0.0.tgz';
  expect(effectiveUrl(url, { ...settings, replaceRegistryHost: 'always' })).toBe(
    'https://mirror.example/npm/repo/a/-/a-1.0.0.tgz',
  );
  expect(effectiveUrl(url, { ...settings, replaceRegistryHost: 'never' })).toBe(url);
  expect(effectiveUrl(url, { ...settings, replaceRegistryHost: 'https://old.example/repo' })).toBe(
    'https://mirror.example/npm/a/-/a-1.0.0.tgz',
  );
});

test('a registry dependency that a lock file sends to another host is not the registry’s', () => {
  expect(isFromRegistry(node('a', 'https://public.example/a/-/a-1.0.0.tgz'), settings)).toBe(true);
  expect(isFromRegistry(node('a', 'https://mirror.example/npm/a/-/a-1.0.0.tgz'), settings)).toBe(true);
  expect(isFromRegistry(node('a', 'https://mirror.example/elsewhere/a-1.0.0.tgz'), settings)).toBe(false);
  expect(isFromRegistry(node('a', 'https://evil.example/a/-/a-1.0.0.tgz'), settings)).toBe(false);
  expect(isFromRegistry(node('@own/a', 'https://own.example/@own/a/-/a-1.0.0.tgz'), settings)).toBe(true);
  expect(isFromRegistry(node('a', 'https://public.example/a/-/a-1.0.0.tgz', false), settings)).toBe(false);
});
