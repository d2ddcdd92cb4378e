import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPolicy, PolicyError } from '../../src/config/index.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'policy-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  const file = join(root, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const load = (file?: string) =>
  loadPolicy({
    projectRoot: join(root, 'project'),
    file,
    cwd: root,
    env: { HOME: join(root, 'home') },
    today: new Date('2026-06-15T12:00:00Z'),
  });

/** The error of loading, which must be a PolicyError with exit code 14. */
async function refusal(file?: string): Promise<PolicyError> {
  try {
    await load(file);
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    expect((error as PolicyError).exitCode).toBe(14);
    return error as PolicyError;
  }
  throw new Error('the policy was accepted');
}

describe('loadPolicy', () => {
  it('has defaults where there is no file', async () => {
    expect(await load()).toMatchObject({ scripts: 'run', onReview: 'ask', exceptions: [], sources: [] });
  });

  it('lays template, user file and project file over each other, nearest last', async () => {
    write(
      'home/.config/safe-install/policy.yaml',
      'extends: strict\nthresholds: { review: 20 }\ngrants: { a: { hosts: [h.example] } }\n',
    );
    const project = write(
      'project/safe-install.yaml',
      'onReview: ask\nrules: [rules]\ngrants: { b: { env: [TOKEN] } }\n',
    );
    const policy = await load();
    expect(policy).toMatchObject({ scripts: 'approved-only', onReview: 'ask', sandbox: { require: 'full' } });
    expect(policy.thresholds.review).toBe(20);
    expect(policy.rules).toEqual([join(root, 'project', 'rules')]);
    expect(policy.grants).toEqual({ a: { hosts: ['h.example'] }, b: { env: ['TOKEN'] } });
    expect(policy.sources).toEqual([join(root, 'home/.config/safe-install/policy.yaml'), project]);
  });

  it('takes --policy instead of the project’s file', async () => {
    write('project/safe-install.yaml', 'scripts: approved-only\n');
    write('other.json', '{"onReview":"fail"}');
    expect(await load('other.json')).toMatchObject({ scripts: 'run', onReview: 'fail' });
  });

  it('reads package.json#safe-install, and refuses two policies', async () => {
    write('project/package.json', '{"safe-install":{"scripts":"approved-only"}}');
    expect((await load()).scripts).toBe('approved-only');
    write('project/safe-install.json', '{}');
    expect((await refusal()).message).toContain('more than one policy');
  });

  it.each([
    ['thresholds: { reveiw: 3 }', 'thresholds: unknown key reveiw; allowed: review, block'],
    ['sandbox: { limits: { wall: 3 } }', 'sandbox.limits: unknown key wall; allowed: wallMs'],
    ['grants: { a: { host: [x] } }', 'grants.a: unknown key host; allowed: writable'],
    ['nonsense: 1', '(top level): unknown key nonsense; allowed: $schema, extends'],
    ['scripts: never', 'scripts: Invalid option: expected one of "run"|"approved-only"'],
    ['thresholds: { review: 101 }', 'thresholds.review: Too big'],
    ['exceptions: [{ package: a, reason: r, expires: 2026-02-30 }]', 'exceptions.0.expires: is no day'],
    ['exceptions: [{ package: a, reason: "  ", expires: 2026-12-30 }]', 'exceptions.0.reason'],
    ['exceptions: [{ package: a, reason: r }]', 'exceptions.0.expires'],
    ['grants: { a: { hosts: ["http://x"] } }', 'grants.a.hosts.0: must be a host name'],
    ['- a', '(top level)'],
    ['a: [', 'no YAML'],
    ['scripts: run\nscripts: run', 'no YAML'],
    ['thresholds: { review: 80, block: 50 }', 'above thresholds.block'],
  ])('refuses %j, naming file, path and what is allowed', async (text, words) => {
    const file = write('project/safe-install.yaml', text);
    const error = await refusal();
    expect(error.message).toContain(words);
    expect(error.where).toBe(file);
  });

  it('refuses an expired exception, and holds one that ends today', async () => {
    const exception = (day: string) => `exceptions: [{ package: a@1.0.0, reason: looked at it, expires: ${day} }]`;
    write('project/safe-install.yaml', exception('2026-06-15'));
    expect((await load()).exceptions).toHaveLength(1);
    const file = write('project/safe-install.yaml', exception('2026-06-14'));
    const error = await refusal();
    expect(error.message).toContain('a@1.0.0 ended on 2026-06-14');
    expect(error.where).toBe(file);
  });

  it('refuses a missing or unreadable --policy file', async () => {
    expect((await refusal('missing.yaml')).message).toContain('does not exist');
    mkdirSync(join(root, 'folder.yaml'));
    expect((await refusal('folder.yaml')).message).toContain('cannot be read');
  });
});
