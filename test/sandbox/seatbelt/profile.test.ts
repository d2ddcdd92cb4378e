import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROTECTED_NAMES } from '../../../src/sandbox/protected-names.js';
import type { Grant } from '../../../src/sandbox/sandbox.js';
import { loadAllowances } from '../../../src/sandbox/seatbelt/allowances.js';
import { seatbeltProfile } from '../../../src/sandbox/seatbelt/profile.js';
import { type Attempt, evaluateSbpl } from '../../../src/sandbox/seatbelt/sbpl-evaluate.js';
import { seatbeltTree } from '../../../src/sandbox/seatbelt/tree.js';
import { accessAt, parseSettings } from '../../../src/sandbox/settings/index.js';
import { placesOf } from '../../../src/sandbox/settings/places.js';
import {
  at,
  EXPECTATIONS,
  type Expectation,
  expectedOf,
  GRANT_NAMES,
  type GrantName,
  grantsFor,
  type Places,
} from '../expectations.js';

const PLACES: Places = {
  home: '/Users/u',
  project: '/Users/u/project',
  package: '/Users/u/project/node_modules/pkg',
  elsewhere: '/Volumes/data',
};
const PORT = 50123;
const LIMITS = { wallMs: 1, cpuSeconds: 1, processes: 1, memoryBytes: 1, fileBytes: 1, writtenBytes: 1, openFiles: 1 };
const PLAIN: Grant = { writable: [], readable: [], hosts: [], env: [], limits: LIMITS };

/** The settings' grant as it comes out on a Mac with these places; the files of the test machine play no part. */
function settingsGrant(text: string): Grant {
  const { filesystem } = parseSettings(text, 'test');
  const resolve = (list: unknown[]) =>
    list
      .map((path) => String(path).replace(/^~/, PLACES.home))
      .map((path) => (path === '.' ? PLACES.project : path.startsWith('/') ? path : join(PLACES.project, path)));
  const lists = {
    denyRead: resolve(filesystem.denyRead),
    allowRead: resolve(filesystem.allowRead),
    allowWrite: resolve(filesystem.allowWrite),
    denyWrite: resolve(filesystem.denyWrite),
  };
  expect(accessAt(PLACES.project, lists, true)).toBe('read');
  return { ...PLAIN, readable: ['/Applications', '/Library', '/Users', '/Volumes'], places: placesOf(lists, true) };
}

const grants = grantsFor(PLACES, PLAIN, settingsGrant);

function profileOf(name: GrantName): string {
  const { grant, cwd, cwdWritable } = grants[name];
  return seatbeltProfile(
    seatbeltTree({ cwd, cwdWritable }, grant, {
      tag: 'safe-install-test',
      packages: [`${PLACES.project}/node_modules`],
      toolchain: ['/opt/node'],
      files: ['/private/var/folders/x/run/ca.pem'],
      own: ['/private/var/folders/x/run/home', '/private/var/folders/x/run/tmp'],
      protectedNames: PROTECTED_NAMES.map(([protectedName]) => protectedName),
      proxyPort: PORT,
    }),
  );
}

/** What a row's operation is to the kernel; all of these must be allowed for it to succeed. */
function attemptsOf({ operation, target }: Expectation): Attempt[] {
  const path = at(target, PLACES);
  switch (operation) {
    case 'read':
      return [{ operation: 'file-read-data', path }];
    case 'write':
      return [
        { operation: 'file-write-create', path },
        { operation: 'file-write-data', path },
      ];
    case 'execute':
      return [
        { operation: 'process-exec', path },
        { operation: 'file-read-data', path },
      ];
    case 'connect': {
      const remote = target.replace('{gateway}', `localhost:${PORT}`).replace('{listener}', 'localhost:8080');
      return [{ operation: 'network-outbound', remote }];
    }
  }
}

describe.each(GRANT_NAMES)('the profile of the %s grant', (name) => {
  const profile = evaluateSbpl(profileOf(name));

  test.each(EXPECTATIONS)('$operation $target: $why', (row) => {
    const allowed = attemptsOf(row).every((attempt) => profile.allows(attempt));
    expect(allowed ? 'allow' : 'deny').toBe(expectedOf(row, name));
  });

  test('is the golden one', () => {
    const file = join(import.meta.dirname, `${name}.golden.sb`);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(file, profileOf(name));
    expect(profileOf(name)).toBe(readFileSync(file, 'utf8'));
  });

  test('denies what has no place in a build', () => {
    for (const attempt of [
      { operation: 'mach-lookup', name: 'com.apple.SecurityServer' },
      { operation: 'mach-lookup', name: 'com.apple.trustd.agent' },
      { operation: 'mach-lookup', name: 'com.apple.coreservices.appleevents' },
      { operation: 'mach-lookup', name: 'com.apple.pasteboard.1' },
      { operation: 'mach-priv-task-port', sameSandbox: false },
      { operation: 'appleevent-send' },
      { operation: 'lsopen' },
      { operation: 'sysctl-write', name: 'kern.hostname' },
      { operation: 'sysctl-read', name: 'kern.proc.all' },
      { operation: 'iokit-open' },
      { operation: 'system-socket' },
      { operation: 'signal', sameSandbox: false },
      { operation: 'network-bind', local: '*:8080' },
      { operation: 'network-inbound', local: '*:8080' },
      { operation: 'file-write-setugid', path: `${PLACES.package}/x` },
      { operation: 'process-exec', path: '/Applications/Calculator.app/Contents/MacOS/Calculator' },
      { operation: 'file-read-data', path: '/Users/u/Library/Keychains/login.keychain-db' },
      { operation: 'network-outbound', path: '/private/var/run/mDNSResponder' },
    ]) {
      const settingsReads = name === 'settings' && attempt.path?.startsWith('/Applications') === true;
      expect(profile.allows(attempt), JSON.stringify(attempt)).toBe(settingsReads);
    }
  });

  test('lets a build look at what every program looks at', () => {
    for (const attempt of [
      { operation: 'file-read-metadata', path: '/Users' },
      { operation: 'file-read-metadata', path: '/Users/u' },
      { operation: 'file-read-metadata', path: '/private/var/folders/x' },
      { operation: 'file-read-data', path: '/opt/node/bin/node' },
      { operation: 'process-exec', path: '/opt/node/bin/node' },
      { operation: 'file-map-executable', path: '/opt/node/bin/node' },
      { operation: 'file-map-executable', path: '/usr/lib/libSystem.B.dylib' },
      { operation: 'file-write-data', path: '/dev/null' },
      { operation: 'file-write-create', path: '/private/var/folders/x/run/tmp/a' },
      { operation: 'process-fork' },
      { operation: 'sysctl-read', name: 'hw.ncpu' },
      { operation: 'mach-lookup', name: 'com.apple.system.opendirectoryd.libinfo' },
      { operation: 'signal', sameSandbox: true },
    ]) {
      expect(profile.allows(attempt), JSON.stringify(attempt)).toBe(true);
    }
  });

  test('carries its tag for the log', () => {
    expect(profile.message).toBe('safe-install-test');
  });
});

test('a protected folder cannot be put in place by renaming', () => {
  const profile = evaluateSbpl(profileOf('profile'));
  const granted = `${PLACES.home}/.cache/tool`;
  for (const operation of ['file-write-create', 'file-write-unlink']) {
    expect(profile.allows({ operation, path: `${granted}/x/.git` })).toBe(false);
    expect(profile.allows({ operation, path: `${granted}/x/.git/hooks/pre-commit` })).toBe(false);
    expect(profile.allows({ operation, path: `${granted}/x/git` })).toBe(true);
  }
});

test('paths with quotes, brackets and dots stay themselves', () => {
  const own = '/Users/u/we"ird (1).x/[p]';
  const text = seatbeltProfile({
    tag: 't"',
    readable: [],
    executable: [],
    own: [own],
    granted: ['/Users/u/a.b'],
    places: [],
    protectedNames: ['.bashrc'],
    proxyPort: 1,
    localBinding: true,
  });
  const profile = evaluateSbpl(text);
  expect(profile.message).toBe('t"');
  expect(profile.allows({ operation: 'file-write-create', path: `${own}/f` })).toBe(true);
  expect(profile.allows({ operation: 'file-write-create', path: '/Users/u/we' })).toBe(false);
  expect(profile.allows({ operation: 'file-write-create', path: '/Users/u/a.b/.bashrc' })).toBe(false);
  expect(profile.allows({ operation: 'file-write-create', path: '/Users/u/a.b/xbashrc' })).toBe(true);
  expect(profile.allows({ operation: 'network-bind', local: 'localhost:3000' })).toBe(true);
  expect(profile.allows({ operation: 'network-outbound', remote: '192.0.2.1:3000' })).toBe(false);
});

test('every allowance has a reason of its own', () => {
  const reasons = Object.values(loadAllowances()).flatMap((list) => list.map(({ reason }) => reason));
  expect(reasons.length).toBeGreaterThan(15);
  for (const reason of reasons) expect(reason.split(' ').length).toBeGreaterThan(2);
});
