import { describe, expect, it } from 'vitest';
import { confinedEnvironment, type EnvironmentPlaces } from '../../src/sandbox/confined-environment.js';

const places: EnvironmentPlaces = {
  home: '/h',
  tmp: '/t',
  npmrc: { user: '/n/user', global: '/n/global' },
  toolchain: { readable: ['/opt/tool'], nodePrefix: '/usr', nodeHeaders: '/usr' },
  systemPrograms: ['/usr/bin'],
  extraAuthorities: '/c/run.pem',
  bundle: '/c/all.pem',
  registry: 'http://registry.example/',
  proxy: null,
  shown: (path) => !path.startsWith('/hidden'),
};

describe('the environment of a confined script', () => {
  it('has private folders and the way to the registry, whatever the installer says', () => {
    const asked = {
      HOME: '/root',
      TMPDIR: '/x',
      npm_config_cache: '/root/.npm',
      npm_config_userconfig: '/root/.npmrc',
    };
    const env = confinedEnvironment({ ...asked, NODE_EXTRA_CA_CERTS: '/mine', HTTP_PROXY: 'http://mine' }, [], places);
    expect(env).toMatchObject({
      HOME: '/h',
      TMPDIR: '/t',
      npm_config_cache: '/h/.npm',
      npm_config_userconfig: '/n/user',
      npm_config_globalconfig: '/n/global',
      npm_config_registry: 'http://registry.example/',
      npm_config_nodedir: '/usr',
      NODE_EXTRA_CA_CERTS: '/c/run.pem',
      GIT_SSL_CAINFO: '/c/all.pem',
      PIP_CERT: '/c/all.pem',
    });
    expect(Object.keys(env).filter((name) => /proxy/i.test(name))).toEqual([]);
  });

  it('keeps of PATH and NODE_PATH what can be seen, with toolchain and system behind it', () => {
    const env = confinedEnvironment({ PATH: '/hidden/bin:/p/.bin', NODE_PATH: '/hidden:/p' }, [], places);
    expect(env['PATH']?.split(':')[0]).toBe('/p/.bin');
    expect(env['PATH']?.split(':').slice(-1)).toEqual(['/usr/bin']);
    expect(env['PATH']).toContain('/opt/tool/bin');
    expect(env['PATH']).not.toContain('/hidden');
    expect(env['NODE_PATH']).toBe('/p');
  });

  it('names the proxies in every way that programs look, where they must ask one', () => {
    const env = confinedEnvironment({}, [], { ...places, proxy: { http: 1, socks: 2 } });
    for (const name of ['http_proxy', 'HTTPS_PROXY', 'npm_config_proxy']) expect(env[name]).toBe('http://127.0.0.1:1');
    expect([env['ALL_PROXY'], env['NO_PROXY'], env['NODE_USE_ENV_PROXY']]).toEqual(['socks5h://127.0.0.1:2', '', '1']);
  });

  it('lets pass what a grant names, and nothing else of the user', () => {
    const env = confinedEnvironment(
      { MINE: '1', OTHER: '2', GITHUB_TOKEN: '3', NODE_OPTIONS: '-r x' },
      ['MINE', 'NODE_OPTIONS'],
      places,
    );
    expect([env['MINE'], env['OTHER'], env['GITHUB_TOKEN'], env['NODE_OPTIONS']]).toEqual([
      '1',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
