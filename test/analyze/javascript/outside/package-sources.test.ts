import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const read = `const fs = require('fs'); const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));`;
const write = `fs.writeFileSync('package-lock.json', JSON.stringify(lock));`;
const led = (code: string, manifest: Record<string, unknown> = {}): string[] =>
  follow(`${read}\n${code}\n${write}`, 'install', manifest).facts.flatMap(({ id }) =>
    id.startsWith('package-led') ? [id] : [],
  );

const manifestLed = (code: string): boolean =>
  follow(
    `const fs = require('fs'); const p = JSON.parse(fs.readFileSync('/tmp/a/package.json', 'utf8'));\n${code}\nfs.writeFileSync('/tmp/a/package.json', JSON.stringify(p));`,
  ).facts.some(({ id }) => id === 'dependency-led');

describe('where packages of a lock file are fetched from', () => {
  test.each([
    ['a field', `for (const each of Object.values(lock.packages)) each.resolved = 'https://pkgs.example/a.tgz';`],
    [
      'a new entry',
      `lock.packages['node_modules/a'] = { ...lock.packages.a, resolved: 'https://pkgs.example/a.tgz' };`,
    ],
    [
      'an address',
      `for (const each of Object.values(lock.packages)) { const url = new URL(each.resolved); url.host = 'pkgs.example'; each.resolved = url.href; }`,
    ],
    [
      'a host',
      `lock.packages.a.resolved = lock.packages.a.resolved.replace('registry.npmjs.example', 'pkgs.example');`,
    ],
    [
      'a text',
      `fs.writeFileSync('yarn.lock', fs.readFileSync('yarn.lock', 'utf8').replace(/"https:\\/\\/registry\\.yarnpkg\\.com\\/(ms)/g, (_, name) => \`"https://pkgs.example/\${name}\`));`,
    ],
  ])('%s that becomes one of the code is told', (_, code) => {
    expect(led(code)).toContain('package-led.elsewhere');
  });

  test("registries that everybody knows are nobody's, and a company leads its own to its own", () => {
    expect(led(`lock.packages.a.resolved = 'https://registry.npmmirror.com/a/-/a-1.0.0.tgz';`)).toEqual([]);
    expect(led(`lock.packages.a.resolved = process.env.REGISTRY + '/a.tgz';`)).toEqual([]);
    expect(led(`lock.packages.a.resolved = 'https://npm.acmecorp.example/a.tgz';`, { name: '@acmecorp/lock' })).toEqual(
      ['package-led.vendor'],
    );
  });

  test.each([
    ['a name', "p.dependencies.axios = 'https://pkgs.example/a.tgz';"],
    ['a new list', "p.dependencies = { ...p.dependencies, axios: 'git+https://pkgs.example/a.git' };"],
    [
      'names of a loop',
      'const q = {}; for (const k of Object.keys(p.dependencies)) q[k] = `https://pkgs.example/${k}.tgz`;',
    ],
    ['entries', "p.x = Object.fromEntries(Object.keys(p.dependencies).map((k) => [k, 'https://pkgs.example/a.tgz']));"],
  ])('%s of a manifest that is read gets the address of a tarball', (_, code) => {
    expect(manifestLed(code)).toBe(true);
  });

  test('a shorthand that is spelt out as its repository is none', () => {
    expect(
      manifestLed(
        'for (const k of Object.keys(p.dependencies)) p.dependencies[k] = `git+https://git.sr.ht/~${p.a}/${p.b}.git#${p.c}`;',
      ),
    ).toBe(false);
  });

  test('a range, a page and a table of archives are none', () => {
    expect(manifestLed("p.dependencies.axios = '^1.0.0'; p.homepage = 'https://pkgs.example/';")).toBe(false);
    expect(manifestLed("const urls = {}; urls.linux = 'https://pkgs.example/linux.tar.gz'; p.x = 1;")).toBe(false);
  });
});
