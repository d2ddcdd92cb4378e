import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstallPolicy } from '../../src/install/index.js';
import { checkGrants, grantAdvice, scriptGrant } from '../../src/install/script-grant.js';
import type { ScriptRun } from '../../src/model.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'grant-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const policy = (
  changes: Partial<InstallPolicy> = {},
  sandbox: Partial<InstallPolicy['sandbox']> = {},
): InstallPolicy => ({
  thresholds: { review: 30, block: 70 },
  scripts: 'run',
  onReview: 'ask',
  sandbox: { require: 'basic', limits: {}, ...sandbox },
  grants: {},
  exceptions: [],
  ...changes,
});
const grant = (name: string, given: InstallPolicy) =>
  scriptGrant({ name, version: '1.0.0', policy: given, approval: null, projectRoot: root });

describe('scriptGrant', () => {
  it('is the default for a package of which nobody said anything', async () => {
    expect(await grant('a', policy())).toMatchObject({ hosts: [], writable: [], readable: [], env: [] });
  });

  it('gives a profile only to its package, and only where policy grants it', async () => {
    expect((await grant('puppeteer', policy())).hosts).toEqual([]);
    const granted = policy({}, { profiles: ['puppeteer'] });
    expect((await grant('puppeteer', granted)).hosts).not.toEqual([]);
    expect((await grant('a', granted)).hosts).toEqual([]);
  });

  it('adds settings file, policy grants by name and version, and the approval', async () => {
    const settings = join(root, 'srt.json');
    writeFileSync(settings, JSON.stringify({ network: { allowedDomains: ['s.example'] } }));
    const given = policy(
      { grants: { a: { hosts: ['n.example'] }, 'a@1.0.0': { env: ['TOKEN'] }, b: { hosts: ['no.example'] } } },
      { settings },
    );
    const approval = { package: 'a@1.0.0', integrity: '', scriptHash: '', grant: { hosts: ['p.example'] }, reason: '' };
    const made = await scriptGrant({ name: 'a', version: '1.0.0', policy: given, approval, projectRoot: root });
    expect(made.hosts).toEqual(['s.example', 'n.example', 'p.example']);
    expect(made.env).toEqual(['TOKEN']);
  });

  it('takes limits of policy and ignores violations by package', async () => {
    const made = await grant(
      'a',
      policy({ ignoreViolations: { '*': ['~/.x'], a: ['out'], b: ['/no'] } }, { limits: { processes: 7 } }),
    );
    expect(made.limits.processes).toBe(7);
    expect(made.ignoreViolations).toEqual([join(homedir(), '.x'), join(root, 'out')]);
  });
});

describe('checkGrants', () => {
  it('refuses unknown profiles and unusable settings with exit code 14', async () => {
    await expect(checkGrants(policy({}, { profiles: ['no-such-profile'] }))).rejects.toMatchObject({ exitCode: 14 });
    await expect(checkGrants(policy({}, { settings: join(root, 'none.json') }))).rejects.toMatchObject({
      exitCode: 14,
    });
    await expect(checkGrants(policy({}, { profiles: ['puppeteer'] }))).resolves.toBeUndefined();
  });
});

describe('grantAdvice', () => {
  it('names the profile and the command after a failure, unless it was granted', async () => {
    const run = { package: 'puppeteer@24.0.0', exitCode: 1 } as ScriptRun;
    expect(await grantAdvice(run, [], policy())).toContain('safe-install grant puppeteer');
    expect(await grantAdvice(run, [], policy({}, { profiles: ['puppeteer'] }))).toBeNull();
    expect(await grantAdvice({ ...run, exitCode: 0 }, [], policy())).toBeNull();
  });
});
