import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SandboxEvent } from '../../../src/model.js';
import {
  applyProfile,
  loadProfiles,
  ProfileError,
  profileAdvice,
  profileFor,
  profilesNamed,
} from '../../../src/sandbox/profiles/index.js';
import type { Grant } from '../../../src/sandbox/sandbox.js';

const GRANT: Grant = {
  writable: ['/w'],
  readable: [],
  hosts: ['a.example'],
  env: [],
  limits: { wallMs: 1, cpuSeconds: 1, processes: 1, memoryBytes: 1, fileBytes: 1, writtenBytes: 1, openFiles: 1 },
};

const denied = (id: string): SandboxEvent => ({
  time: '2026-01-01T00:00:00.000Z',
  package: id,
  script: 'postinstall',
  class: 'network',
  target: 'storage.example:443',
  action: 'denied',
  evidence: '',
});

describe('the profiles that come with safe-install', () => {
  const profiles = loadProfiles();

  test('are all valid, at least thirty, and no package has two', () => {
    expect(profiles.length).toBeGreaterThanOrEqual(30);
    expect(profiles).toHaveLength(readdirSync('rules/profiles').length);
    const packages = profiles.flatMap((profile) => profile.packages);
    expect(new Set(packages).size).toBe(packages.length);
  });

  test('give no folder that holds more than one tool, and never the whole home', () => {
    for (const { name, writes } of profiles) {
      for (const folder of writes) {
        expect(folder.replace(/^~\//, '').split('/').length, `${name}: ${folder}`).toBeGreaterThanOrEqual(2);
        expect(folder, name).not.toMatch(/\.git|\.ssh|\.npmrc|\.config\/?$|\.cache\/?$|\.bin$/);
      }
    }
  });

  test('keep a shared cache in its real place only where the profile may write it', () => {
    for (const { name, caches, writes } of profiles) {
      for (const { path, keep } of caches) expect(writes.includes(path), `${name}: ${path}`).toBe(keep === 'real');
    }
  });
});

test('a profile adds to a grant, with ~ and project folders made absolute', () => {
  const base = { home: '/home/u', projectRoot: '/home/u/p' };
  expect(applyProfile(GRANT, profileFor('puppeteer', '24.0.0')!, base)).toMatchObject({
    writable: ['/w', '/home/u/.cache/puppeteer'],
    hosts: ['a.example', 'storage.googleapis.com'],
    setEnv: { PUPPETEER_CACHE_DIR: '/home/u/.cache/puppeteer' },
    env: expect.arrayContaining(['PUPPETEER_SKIP_DOWNLOAD']),
    limits: GRANT.limits,
  });
  const prisma = applyProfile(GRANT, profileFor('@prisma/client', '6.0.0')!, base);
  expect(prisma.writable).toContain('/home/u/p/node_modules/.prisma');
  expect(GRANT.writable).toEqual(['/w']);
});

test('policy names a profile by its own name or by a package; another name is an error that lists them', () => {
  expect(profilesNamed(['playwright', '@prisma/engines']).map((p) => p.name)).toEqual(['playwright', 'prisma-engines']);
  expect(() => profilesNamed(['pupeteer'])).toThrow(ProfileError);
  try {
    profilesNamed(['pupeteer']);
  } catch (error) {
    expect((error as ProfileError).exitCode).toBe(14);
    expect((error as ProfileError).next[0]).toContain('puppeteer');
  }
});

describe('advice', () => {
  const run = (id: string, exitCode: number | null) => ({ package: id, exitCode });

  test('names profile, consequence, alternative and the command, where the script failed', () => {
    const text = profileAdvice(run('puppeteer@24.1.0', 1), [denied('puppeteer@24.1.0')], []);
    expect(text).toContain('storage.googleapis.com');
    expect(text).toContain('PUPPETEER_SKIP_DOWNLOAD=1');
    expect(text).toMatch(/safe-install grant puppeteer$/);
  });

  test('is given where the script ended well but something was denied and is missing now', () => {
    expect(profileAdvice(run('cypress@15.0.0', 0), [denied('cypress@15.0.0')], [])).toContain('no Cypress application');
    expect(profileAdvice(run('cypress@15.0.0', 0), [], [])).toBeNull();
    expect(profileAdvice(run('cypress@15.0.0', 0), [denied('other@1.0.0')], [])).toBeNull();
  });

  test('is not given for a granted profile, an unknown package, or where denying does no harm', () => {
    const granted = profilesNamed(['puppeteer']);
    expect(profileAdvice(run('puppeteer@24.1.0', 1), [], granted)).toBeNull();
    expect(profileAdvice(run('unknown-package@1.0.0', 1), [], [])).toBeNull();
    expect(profileAdvice(run('geckodriver@7.0.0', 0), [denied('geckodriver@7.0.0')], [])).toBeNull();
  });
});

describe('a profile file that is wrong is an error that names it', () => {
  test.each([
    [
      'x.yaml',
      'name: x\npackages: [x]\nwhy: because\nwithout: {outcome: nothing, means: nothing}\nhost: [a.example]',
      'host',
    ],
    ['x.yaml', 'name: y\npackages: [x]\nwhy: because\nwithout: {outcome: nothing, means: nothing}', 'its file is not'],
    ['x.yaml', 'name: x\npackages: []\nwhy: because\nwithout: {outcome: nothing, means: nothing}', 'packages'],
    [
      'x.yaml',
      'name: x\npackages: [x]\nwhy: because\nwithout: {outcome: nothing, means: nothing}\nwrites: ["~/../x"]',
      'writes.0',
    ],
    [
      'x.yaml',
      'name: x\npackages: [x]\nwhy: because\nwithout: {outcome: nothing, means: nothing}\nhosts: ["*"]',
      'hosts.0',
    ],
    ['x.yaml', 'name: [', 'cannot be read'],
  ])('%s', (file, text, named) => {
    const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
    try {
      writeFileSync(join(folder, file), text);
      expect(() => loadProfiles(folder)).toThrow(named);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
