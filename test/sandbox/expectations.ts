import type { Grant } from '../../src/sandbox/sandbox.js';

/** The three grants that every row is asked under. */
export type GrantName = 'plain' | 'profile' | 'settings';
export const GRANT_NAMES: GrantName[] = ['plain', 'profile', 'settings'];

/** Places of the machine that rows are written with: `{home}/.ssh/id_rsa`. */
export interface Places {
  /** Real home folder of the user. */
  home: string;
  /** The user's project, below home. */
  project: string;
  /** The package whose script runs: `{project}/node_modules/pkg`. */
  package: string;
  /** A folder outside home that nobody granted. */
  elsewhere: string;
}

export interface Expectation {
  operation: 'read' | 'write' | 'execute' | 'connect';
  /** Path with placeholders, or `host:port`; `{gateway}` is the way out, `{listener}` a port of the machine that listens. */
  target: string;
  /** `allow` or `deny` under every grant, or by grant. */
  expected: 'allow' | 'deny' | Record<GrantName, 'allow' | 'deny'>;
  why: string;
}

const by = (plain: 'allow' | 'deny', profile: 'allow' | 'deny', settings: 'allow' | 'deny') => ({
  plain,
  profile,
  settings,
});

/**
 * What a script may do, by grant: the same table is asked of the real sandbox on Linux and of the generated seatbelt profile.
 * `plain` is the default grant of a dependency; `profile` adds the folder {home}/.cache/tool; `settings` are those of
 * {@link grantsFor}, with the project as working directory.
 */
export const EXPECTATIONS: Expectation[] = [
  { operation: 'read', target: '{package}/index.js', expected: 'allow', why: 'its own file' },
  { operation: 'read', target: '{project}/node_modules/sibling/index.js', expected: 'allow', why: 'a sibling package' },
  { operation: 'read', target: '/usr/bin/env', expected: 'allow', why: 'the system' },
  { operation: 'read', target: '{home}/.ssh/id_rsa', expected: 'deny', why: 'a private key' },
  { operation: 'read', target: '{home}/.npmrc', expected: 'deny', why: 'registry credentials' },
  { operation: 'read', target: '{home}/.aws/credentials', expected: 'deny', why: 'cloud credentials' },
  { operation: 'read', target: '{home}/notes.txt', expected: 'deny', why: 'a file that nobody listed' },
  { operation: 'read', target: '{home}/other/secret.js', expected: 'deny', why: 'another project' },
  { operation: 'read', target: '{elsewhere}/data.txt', expected: 'deny', why: 'a file outside home' },
  {
    operation: 'read',
    target: '{project}/src/app.js',
    expected: by('deny', 'deny', 'allow'),
    why: 'the project’s source',
  },
  {
    operation: 'read',
    target: '{project}/package.json',
    expected: by('deny', 'deny', 'allow'),
    why: 'the project’s manifest',
  },
  { operation: 'read', target: '{project}/.env', expected: 'deny', why: 'the project’s secrets' },
  {
    operation: 'read',
    target: '{project}/.git/config',
    expected: by('deny', 'deny', 'allow'),
    why: 'the project’s git',
  },
  { operation: 'read', target: '{project}/secrets/key.pem', expected: 'deny', why: 'denied inside what is allowed' },
  {
    operation: 'read',
    target: '{home}/.cache/tool/kept.txt',
    expected: by('deny', 'allow', 'deny'),
    why: 'a granted cache',
  },
  { operation: 'read', target: '{home}/.cache/other/kept.txt', expected: 'deny', why: 'another cache' },

  {
    operation: 'write',
    target: '{package}/build/out.txt',
    expected: by('allow', 'allow', 'deny'),
    why: 'its own folder',
  },
  { operation: 'write', target: '{project}/node_modules/sibling/new.js', expected: 'deny', why: 'a sibling package' },
  { operation: 'write', target: '{project}/node_modules/.bin/new', expected: 'deny', why: 'commands of the project' },
  {
    operation: 'write',
    target: '{project}/src/new.js',
    expected: by('deny', 'deny', 'allow'),
    why: 'the project’s source',
  },
  {
    operation: 'write',
    target: '{project}/src/locked/new.js',
    expected: 'deny',
    why: 'read-only inside what is writable',
  },
  { operation: 'write', target: '{project}/package-lock.json', expected: 'deny', why: 'the lock file' },
  { operation: 'write', target: '{project}/.git/hooks/pre-commit', expected: 'deny', why: 'git runs it' },
  {
    operation: 'write',
    target: '{project}/src/.vscode/tasks.json',
    expected: 'deny',
    why: 'editors run it, in a writable folder too',
  },
  { operation: 'write', target: '{home}/.bashrc', expected: 'deny', why: 'the shell runs it' },
  { operation: 'write', target: '{home}/.ssh/authorized_keys', expected: 'deny', why: 'logins' },
  { operation: 'write', target: '{home}/.npmrc', expected: 'deny', why: 'npm takes its registry from it' },
  { operation: 'write', target: '{home}/new.txt', expected: 'deny', why: 'home' },
  {
    operation: 'write',
    target: '{home}/.cache/tool/new.txt',
    expected: by('deny', 'allow', 'deny'),
    why: 'a granted cache',
  },
  {
    operation: 'write',
    target: '{home}/.cache/tool/.bashrc',
    expected: 'deny',
    why: 'a protected name in a granted folder',
  },
  { operation: 'write', target: '{home}/.cache/other/new.txt', expected: 'deny', why: 'another cache' },
  { operation: 'write', target: '{elsewhere}/new.txt', expected: 'deny', why: 'outside home' },
  { operation: 'write', target: '/usr/bin/new', expected: 'deny', why: 'programs of the system' },
  { operation: 'write', target: '/usr/local/bin/new', expected: 'deny', why: 'programs of the machine' },
  { operation: 'write', target: '/etc/new', expected: 'deny', why: 'configuration of the system' },

  { operation: 'execute', target: '/bin/sh', expected: 'allow', why: 'the shell' },
  { operation: 'execute', target: '/usr/bin/env', expected: 'allow', why: 'a program of the system' },
  { operation: 'execute', target: '{package}/tool.sh', expected: 'allow', why: 'its own program' },
  {
    operation: 'execute',
    target: '{project}/node_modules/sibling/tool.sh',
    expected: 'allow',
    why: 'a sibling’s program',
  },
  { operation: 'execute', target: '{home}/bin/tool.sh', expected: 'deny', why: 'a program of the user' },
  { operation: 'execute', target: '{elsewhere}/tool.sh', expected: 'deny', why: 'a program outside' },

  { operation: 'connect', target: '{gateway}', expected: 'allow', why: 'the one way out' },
  { operation: 'connect', target: '{listener}', expected: 'deny', why: 'a service of the machine' },
  { operation: 'connect', target: '127.0.0.1:22', expected: 'deny', why: 'the machine’s ssh' },
  { operation: 'connect', target: '192.0.2.1:443', expected: 'deny', why: 'an address' },
  { operation: 'connect', target: '169.254.169.254:80', expected: 'deny', why: 'cloud metadata' },
  { operation: 'connect', target: '10.0.0.1:80', expected: 'deny', why: 'the local network' },
];

/** The settings of the `settings` grant: home hidden but for the project, whose sources may be written. */
export const SETTINGS = {
  network: { allowedDomains: ['cdn.example'] },
  filesystem: {
    denyRead: ['~', '{elsewhere}', '.env', 'secrets'],
    allowRead: ['.'],
    allowWrite: ['src'],
    denyWrite: ['src/locked'],
  },
};

/** Puts places into a row's target. */
export function at(target: string, places: Places): string {
  return target.replace(/\{(home|project|package|elsewhere)\}/g, (_, name: keyof Places) => places[name]);
}

/** What a row expects under a grant. */
export function expectedOf({ expected }: Expectation, grant: GrantName): 'allow' | 'deny' {
  return typeof expected === 'string' ? expected : expected[grant];
}

/** The three grants at these places; `settings` comes from the settings room, as users write them. */
export function grantsFor(
  places: Places,
  base: Grant,
  fromSettings: (text: string, places: Places) => Grant,
): Record<GrantName, { grant: Grant; cwd: string; cwdWritable: boolean }> {
  const text = at(JSON.stringify(SETTINGS), places);
  return {
    plain: { grant: base, cwd: places.package, cwdWritable: true },
    profile: {
      grant: { ...base, hosts: ['cdn.example'], writable: [`${places.home}/.cache/tool`] },
      cwd: places.package,
      cwdWritable: true,
    },
    settings: { grant: fromSettings(text, places), cwd: places.project, cwdWritable: false },
  };
}
