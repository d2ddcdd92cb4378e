import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNpmConfig, selectedWorkspaces, stateDirectory } from '../../src/config/index.js';

let root: string;
let env: Record<string, string>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'npm-config-'));
  mkdirSync(join(root, 'home'));
  mkdirSync(join(root, 'project'));
  writeFileSync(join(root, 'project', 'package.json'), JSON.stringify({ name: 'p', version: '1.0.0' }));
  env = { HOME: join(root, 'home'), PATH: '', npm_config_globalconfig: join(root, 'none') };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const project = (...parts: string[]) => join(root, 'project', ...parts);
const load = (argv: string[], cwd = project()) => loadNpmConfig(argv, cwd, { ...env });

describe('loadNpmConfig', () => {
  it('understands npm’s flags and shorthands, and leaves the packages', async () => {
    const npm = await load([
      'lodash@4',
      '-DE',
      '--omit=optional',
      '--legacy-peer-deps',
      '--registry',
      'http://r.test/',
    ]);
    expect(npm.positionals).toEqual(['lodash@4']);
    expect(npm.flat).toMatchObject({
      saveType: 'dev',
      savePrefix: '',
      legacyPeerDeps: true,
      registry: 'http://r.test/',
    });
    expect(npm.flat['omit']).toEqual(['optional']);
    expect(npm.unknownFlags).toEqual([]);
    expect(npm.path).toBe(project());
  });

  it('reads .npmrc of project and user with scoped registries, auth and environment', async () => {
    writeFileSync(join(root, 'home', '.npmrc'), `//r.test/:_authToken=$\{TOKEN}\nignore-scripts=true\n`);
    writeFileSync(project('.npmrc'), '@team:registry=http://r.test/\nignore-scripts=false\nallow-scripts=a, b\n');
    env['TOKEN'] = 'inert-token';
    const npm = await load([]);
    expect(npm.flat['@team:registry']).toBe('http://r.test/');
    expect(npm.flat['//r.test/:_authToken']).toBe('inert-token');
    expect(npm.flat['ignoreScripts']).toBe(false);
    expect(npm.allowScripts).toEqual({ commandLine: [], npmrc: ['a', 'b'] });
  });

  it('names flags that npm does not know, but not scoped registries and auth', async () => {
    const npm = await load(['--omitt=dev', '--@team:registry=http://r.test', '--//r.test/:_authToken=x', '--nonsense']);
    expect(npm.unknownFlags).toEqual(['omitt', 'nonsense']);
  });

  it('finds the project’s root from a folder below, and the global folder with -g', async () => {
    mkdirSync(project('src', 'deep'), { recursive: true });
    expect((await load([], project('src', 'deep'))).path).toBe(project());
    const global = await load(['-g', '--prefix', join(root, 'prefix')]);
    expect(global.global).toBe(true);
    expect(global.path).toBe(join(root, 'prefix', 'lib'));
  });

  it('says whether save was set', async () => {
    expect((await load([])).isSet('save')).toBe(false);
    expect((await load(['--no-save'])).isSet('save')).toBe(true);
  });

  it('works without npm on the machine', async () => {
    const npm = await load([]);
    expect(npm.flat['registry']).toMatch(/^https?:/);
  });

  it('refuses flags that exclude each other, as npm does', async () => {
    await expect(load(['--save-dev', '--save-prod'])).rejects.toMatchObject({ code: 'ENPMCONFIG', exitCode: 1 });
  });

  it('refuses an .npmrc that cannot be read', async () => {
    mkdirSync(project('.npmrc'));
    await expect(load([])).rejects.toMatchObject({ code: 'ENPMCONFIG' });
  });
});

describe('selectedWorkspaces', () => {
  beforeEach(() => {
    writeFileSync(project('package.json'), JSON.stringify({ name: 'p', version: '1.0.0', workspaces: ['packages/*'] }));
    for (const name of ['a', 'b']) {
      mkdirSync(project('packages', name), { recursive: true });
      writeFileSync(
        project('packages', name, 'package.json'),
        JSON.stringify({ name: `@p/${name}`, version: '1.0.0' }),
      );
    }
  });

  const select = async (argv: string[], cwd = project()) => selectedWorkspaces(await load(argv, cwd), cwd);

  it('limits nothing without a filter', async () => {
    expect(await select([])).toEqual([]);
  });

  it('finds workspaces by name, by path, by parent folder, all, and by where one stands', async () => {
    expect(await select(['-w', '@p/a'])).toEqual(['@p/a']);
    expect(await select(['-w', 'packages/b'])).toEqual(['@p/b']);
    expect(await select(['-w', 'packages'])).toEqual(['@p/a', '@p/b']);
    expect(await select(['-w', './packages'])).toEqual(['@p/a', '@p/b']);
    expect(await select(['--workspaces'])).toEqual(['@p/a', '@p/b']);
    expect(await select([], project('packages', 'b'))).toEqual(['@p/b']);
  });

  it('refuses a name that is none, and says which there are', async () => {
    await expect(select(['-w', 'c'])).rejects.toMatchObject({ code: 'ENOWORKSPACES', next: ['There are: @p/a, @p/b'] });
  });
});

describe('stateDirectory', () => {
  it('follows SAFE_INSTALL_HOME, then XDG_DATA_HOME, then HOME', () => {
    expect(stateDirectory({ SAFE_INSTALL_HOME: '/s', XDG_DATA_HOME: '/x', HOME: '/h' })).toBe('/s');
    expect(stateDirectory({ XDG_DATA_HOME: '/x', HOME: '/h' })).toBe('/x/safe-install');
    expect(stateDirectory({ XDG_DATA_HOME: 'relative', HOME: '/h' })).toBe('/h/.local/share/safe-install');
  });
});
