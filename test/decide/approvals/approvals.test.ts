import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ApprovalRecord,
  approveScripts,
  denyScripts,
  EMPTY_LOCK,
  heldOn,
  managerFile,
  readApprovalLock,
  scriptKeys,
  writeApprovalLock,
} from '../../../src/decide/approvals/index.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'approvals-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const record = (changes: Partial<ApprovalRecord> = {}): ApprovalRecord => ({
  integrity: 'sha512-AAAA',
  scriptHash: 'sha512-BBBB',
  grant: null,
  reason: 'looked at it',
  by: 'someone',
  on: '2026-06-01',
  expires: null,
  ...changes,
});

describe('safe-install.lock', () => {
  it('is empty where there is none, and comes back as it was written, sorted', async () => {
    expect(readApprovalLock(root)).toEqual(EMPTY_LOCK);
    const lock = {
      ...EMPTY_LOCK,
      approvals: { 'b@1.0.0': record({ grant: { hosts: ['h.example'] } }), 'a@1.0.0': record() },
    };
    await writeApprovalLock(root, lock);
    expect(readApprovalLock(root)).toEqual(lock);
    expect(Object.keys(readApprovalLock(root).approvals)).toEqual(['a@1.0.0', 'b@1.0.0']);
    expect(readdirSync(root)).toEqual(['safe-install.lock']);
  });

  it.each([
    '{',
    '{"lockfileVersion":2,"approvals":{}}',
    '{"lockfileVersion":1,"approvals":{"a@1.0.0":{"integrity":"x"}}}',
    '{"lockfileVersion":1,"approvals":{},"more":1}',
  ])('refuses %s with exit code 14', (text) => {
    writeFileSync(join(root, 'safe-install.lock'), text);
    expect(() => readApprovalLock(root)).toThrow(expect.objectContaining({ code: 'EAPPROVALLOCK', exitCode: 14 }));
  });

  it('lets approvals end after their last day', () => {
    const lock = {
      ...EMPTY_LOCK,
      approvals: { 'a@1.0.0': record({ expires: '2026-06-14' }), 'b@1.0.0': record({ expires: '2026-06-15' }) },
    };
    const { held, ended } = heldOn(lock, new Date('2026-06-15T23:59:59Z'));
    expect([held.map(([id]) => id), ended.map(([id]) => id)]).toEqual([['b@1.0.0'], ['a@1.0.0']]);
  });
});

describe('scriptKeys', () => {
  it('trusts the tarball’s URL, never the name a package gives itself', () => {
    const resolved = 'http://r.test/@s/real/-/real-1.2.3.tgz';
    expect(scriptKeys({ name: 'claimed', resolved, source: 'registry' })).toEqual({
      pinned: '@s/real@1.2.3',
      name: '@s/real',
    });
    expect(scriptKeys({ name: 'a', resolved: null, source: 'registry' })).toEqual({ pinned: null, name: 'a' });
  });

  it('names git dependencies by commit, files by path, and nothing else', () => {
    const sha = 'a'.repeat(40);
    const git = scriptKeys({ name: 'g', resolved: `git+ssh://git@github.com/u/r.git#${sha}`, source: 'git' });
    expect(git).toEqual({ pinned: `github:u/r#${sha}`, name: 'github:u/r' });
    expect(scriptKeys({ name: 'f', resolved: 'file:../f.tgz', source: 'file' }).pinned).toBe('file:../f.tgz');
    expect(scriptKeys({ name: 'b', resolved: null, source: 'bundled' })).toEqual({ pinned: null, name: null });
  });
});

describe('allowScripts, as npm install-scripts writes it', () => {
  const pin = (version: string) => ({ pinned: `a@${version}`, name: 'a' });

  it('writes one pin per version, drops older single pins, keeps || pins and other packages', () => {
    const before = { 'a@1.0.0': true, 'a@1.0.0 || 1.1.0': true, b: false };
    expect(approveScripts(before, [pin('2.0.0')])).toEqual({
      policy: { 'a@1.0.0 || 1.1.0': true, b: false, 'a@2.0.0': true },
      warning: null,
    });
  });

  it('replaces a name-only approval by pins', () => {
    expect(approveScripts({ a: true }, [pin('1.0.0'), pin('2.0.0')]).policy).toEqual({
      'a@1.0.0': true,
      'a@2.0.0': true,
    });
  });

  it('approves by name where npm could not match a pin, and says so', () => {
    const change = approveScripts({ 'a@1.0.0': true }, [{ pinned: null, name: 'a' }]);
    expect(change.policy).toEqual({ a: true });
    expect(change.warning).toContain('by name');
  });

  it('never overrules a denial', () => {
    const change = approveScripts({ a: false }, [pin('1.0.0')]);
    expect(change.policy).toEqual({ a: false });
    expect(change.warning).toContain('denied');
  });

  it('denies by name and drops the approvals', () => {
    expect(denyScripts({ 'a@1.0.0': true, 'ab@1.0.0': true }, 'a')).toEqual({ 'ab@1.0.0': true, a: false });
  });
});

describe('the package manager’s file', () => {
  it('is package.json for npm: indentation and other fields stay', async () => {
    writeFileSync(join(root, 'package.json'), '{\n    "name": "p",\n    "custom": [1]\n}\n');
    const file = managerFile(root);
    expect(file.manager).toBe('npm');
    await file.write({ 'a@1.0.0': true });
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(
      '{\n    "name": "p",\n    "custom": [\n        1\n    ],\n    "allowScripts": {\n        "a@1.0.0": true\n    }\n}\n',
    );
    expect(await file.read()).toEqual({ 'a@1.0.0': true });
  });

  it('refuses an allowScripts that is no object, and a missing package.json', async () => {
    await expect(managerFile(root).read()).rejects.toMatchObject({ code: 'EPACKAGEJSON' });
    writeFileSync(join(root, 'package.json'), '{"allowScripts":["a"]}');
    await expect(managerFile(root).read()).rejects.toMatchObject({ code: 'EALLOWSCRIPTS' });
  });

  it('is allowBuilds of pnpm-workspace.yaml for pnpm: comments stay', async () => {
    writeFileSync(join(root, 'pnpm-workspace.yaml'), '# ours\nallowBuilds:\n  a: true # why\n  c: false\n');
    const file = managerFile(root);
    expect(file.manager).toBe('pnpm');
    await file.write({ a: true, 'b@1.0.0': true });
    expect(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')).toBe(
      '# ours\nallowBuilds:\n  a: true # why\n  b@1.0.0: true\n',
    );
  });

  it('is permissions where pnpm has that map, and it wins over allowBuilds', async () => {
    writeFileSync(
      join(root, 'pnpm-workspace.yaml'),
      'allowBuilds:\n  a: true\npermissions:\n  a:\n    build: false\n    skills: true\n',
    );
    const file = managerFile(root);
    expect(await file.read()).toEqual({ a: false });
    await file.write({ a: false, 'b@1.0.0': true });
    expect(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')).toContain(
      'permissions:\n  a:\n    build: false\n    skills: true\n  b@1.0.0:\n    build: true\n',
    );
  });

  it('refuses a pnpm-workspace.yaml that is no YAML', async () => {
    writeFileSync(join(root, 'pnpm-workspace.yaml'), 'a: [');
    await expect(managerFile(root).read()).rejects.toMatchObject({ exitCode: 14 });
  });
});
