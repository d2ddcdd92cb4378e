import { describe, expect, it } from 'vitest';
import { filterEnvironment, keepFolders } from '../../src/sandbox/environment.js';

describe('filterEnvironment', () => {
  it("keeps npm's names, locale and switches", () => {
    const env = {
      npm_lifecycle_event: 'install',
      npm_package_name: 'a',
      npm_package_keywords_0: 'token',
      npm_config_user_agent: 'npm/11',
      LC_ALL: 'C',
      CI: '1',
      CXXFLAGS: '-O1',
      PUPPETEER_SKIP_DOWNLOAD: '1',
      ELECTRON_SKIP_BINARY_DOWNLOAD: '1',
    };
    expect(filterEnvironment(env, [])).toEqual(env);
  });

  it.each([
    'NPM_TOKEN',
    'NODE_AUTH_TOKEN',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_PROFILE',
    'DATABASE_URL',
    'HTTPS_PROXY',
    'https_proxy',
    'SSH_AUTH_SOCK',
    'DISPLAY',
    'XDG_RUNTIME_DIR',
    'HOME',
    'npm_config__auth',
    'npm_config__authToken',
    'npm_config_//registry.example/:_authToken',
    'npm_config_otp',
    'npm_config_https_proxy',
    'npm_config_cafile',
    'npm_config_userconfig',
    'npm_config_cache',
    'npm_config_script_shell',
    'npm_config_node_options',
    'npm_config_my_secret',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'GIT_SSH_COMMAND',
    'GIT_CONFIG_COUNT',
    'BASH_ENV',
    'ENV',
    'PYTHONPATH',
    'SOMETHING_ELSE',
  ])('drops %s', (name) => {
    expect(filterEnvironment({ [name]: 'value' }, [])).toEqual({});
  });

  it.each([
    ['a URL with a password', 'http://user:pass@mirror.example/'],
    ['an npm token', `npm_${'a'.repeat(36)}`],
    ['a GitHub token', `ghp_${'A1'.repeat(18)}`],
    ['an AWS key', 'AKIAABCDEFGHIJKLMNOP'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ])('drops %s whatever the name', (_, value) => {
    expect(filterEnvironment({ npm_config_mirror: value, npm_package_config_x: value }, [])).toEqual({});
  });

  it('lets granted names pass, but none that loads code', () => {
    const env = { MY_TOKEN: 't', LD_PRELOAD: 'x', NODE_OPTIONS: 'y', GIT_SSH: 'z' };
    expect(filterEnvironment(env, Object.keys(env))).toEqual({ MY_TOKEN: 't' });
  });

  it('drops names and values that no program could be given', () => {
    expect(filterEnvironment({ 'npm_config_a=b': '1', npm_config_c: 'x\0y' }, [])).toEqual({});
  });
});

describe('keepFolders', () => {
  it('keeps absolute folders that exist, once, in order', () => {
    const there = new Set(['/usr/bin', '/bin']);
    expect(keepFolders('/usr/bin:relative::/root/bin:/bin:/usr/bin', (folder) => there.has(folder))).toBe(
      '/usr/bin:/bin',
    );
  });
});
