import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { afterEach, describe, expect, test } from 'vitest';
import { doctorLines, exitCodeOf } from '../../src/cli/doctor.js';
import type { DoctorReport } from '../../src/doctor/check.js';
import { createWorld, type Runner, tryEscapes } from '../../src/doctor/escapes.js';
import {
  cgroupCheck,
  nodeChecks,
  programCheck,
  seccompCheck,
  stateFolderCheck,
} from '../../src/doctor/machine-checks.js';
import { registryCheck } from '../../src/doctor/registry-check.js';
import { linuxChecks } from '../../src/doctor/sandbox-checks.js';
import { startServer } from '../sandbox/gateway/gateway-client.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** No sandbox at all: what the attempts get on the machine itself. */
const bare: Runner = (command, cwd, env) =>
  new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', command],
      { cwd, env: { PATH: process.env['PATH']!, ...env }, timeout: 20_000 },
      (error, stdout, stderr) =>
        resolve({ output: `${stdout}${stderr}`, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
    );
  });

test('without a sandbox every one of the ten escapes gets through: none is held for a wrong reason', async () => {
  const { world, attempts } = await createWorld();
  try {
    const results = await tryEscapes(world, attempts, bare);
    expect(attempts).toHaveLength(10);
    expect(results[0]).toMatchObject({ id: 'benign-script', held: true });
    expect(results.slice(1).filter(({ held }) => held)).toEqual([]);
  } finally {
    await world.close();
  }
});

test('a sandbox in which nothing works does not count as one that holds', async () => {
  const { world, attempts } = await createWorld();
  try {
    const results = await tryEscapes(world, attempts, async () => ({ output: 'no such program', exitCode: 127 }));
    expect(results[0]).toMatchObject({ id: 'benign-script', held: false });
  } finally {
    await world.close();
  }
});

const PROBE = {
  bwrap: '/usr/bin/bwrap',
  setpriv: '/usr/bin/setpriv',
  prlimit: '/usr/bin/prlimit',
  version: '0.8.0',
  namespaces: true,
  nested: true,
  obstacles: [] as { what: string; remedy: string }[],
};

describe('checks', () => {
  const status = (checks: { id: string; status: string }[], id: string) =>
    checks.find((check) => check.id === id)!.status;

  test('a machine without bubblewrap, without namespaces, without nesting', () => {
    const none = linuxChecks({
      ...PROBE,
      bwrap: null,
      version: null,
      namespaces: false,
      nested: false,
      obstacles: [{ what: 'bubblewrap (bwrap) is not installed', remedy: 'Install it' }],
    });
    expect(none.find(({ id }) => id === 'bubblewrap')).toMatchObject({ status: 'failure', remedies: ['Install it'] });
    const apparmor = { what: 'AppArmor restricts user namespaces', remedy: 'write a profile' };
    const closed = linuxChecks({ ...PROBE, namespaces: false, nested: false, obstacles: [apparmor] });
    expect(closed.find(({ id }) => id === 'user-namespaces')).toMatchObject({
      status: 'failure',
      found: apparmor.what,
      remedies: [apparmor.remedy],
    });
    const flat = linuxChecks({ ...PROBE, nested: false, obstacles: [{ what: 'refused here', remedy: 'elsewhere' }] });
    expect([status(flat, 'user-namespaces'), status(flat, 'nested-sandbox')]).toEqual(['ok', 'warning']);
    expect(
      linuxChecks(PROBE)
        .filter(({ id }) => id !== 'strace')
        .every((check) => check.status === 'ok'),
    ).toBe(true);
  });

  test('the kernel’s filters and groups', () => {
    expect(seccompCheck(() => null).status).toBe('failure');
    expect(seccompCheck(() => 'kill_process errno allow\n').status).toBe('ok');
  });

  test('control groups', () => {
    const keeps = { tasks: 2, memory: 2, ending: true } as const;
    const check = (some: Partial<{ tasks: 1 | 2 | null; memory: 1 | 2 | null; ending: boolean }> | null) =>
      cgroupCheck(() => (some === null ? null : { keeps: { ...keeps, ...some }, remove: () => {} }));
    expect(check({})).toMatchObject({
      status: 'ok',
      found: 'processes (version 2), memory (version 2), ending them all at once (version 2)',
    });
    expect(check({ memory: null }).status).toBe('warning');
    expect(check(null)).toMatchObject({ status: 'warning', found: expect.stringContaining('none that we may make') });
  });

  test('Node.js, its headers, programs', () => {
    expect(nodeChecks('18.20.0')[0]).toMatchObject({ status: 'failure', found: '18.20.0' });
    expect(nodeChecks('20.19.0')[0]!.status).toBe('ok');
    expect(nodeChecks('22.12.0', '/nonexistent')[1]).toMatchObject({ id: 'node-headers', status: 'warning' });
    expect(programCheck('sh', 'x', 'y').status).toBe('ok');
    expect(programCheck('sh', 'why', 'do', '/nonexistent')).toMatchObject({ status: 'warning', remedies: ['do'] });
  });

  test('the state folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    folders.push(folder);
    expect(stateFolderCheck(join(folder, 'new', 'state')).status).toBe('ok');
    writeFileSync(join(folder, 'file'), '');
    expect(stateFolderCheck(join(folder, 'file')).status).toBe('failure');
  });

  test('the registry, trusted and not, there and not', async () => {
    const server = await startServer((_request, response) => response.end(), '127.0.0.1');
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await registryCheck({ url }, { ca: [server.ca] })).toMatchObject({ status: 'ok' });
    expect((await registryCheck({ url }, {})).remedies[0]).toContain('cafile');
    await server.close();
    expect(await registryCheck({ url }, { ca: [server.ca] })).toMatchObject({ status: 'failure' });
  });
});

describe('a report', () => {
  const report: DoctorReport = {
    schema: 1,
    platform: { os: 'Linux', release: '6', arch: 'x64', node: '20.19.0' },
    level: 'full',
    checks: [{ id: 'a', title: 'A', status: 'ok', found: 'fine', remedies: [] }],
    escapes: [
      { id: 'benign-script', title: 'benign', held: true, detail: '' },
      { id: 'read-home', title: 'read a file', held: true, detail: 'no such file' },
    ],
  };

  test('has the exit code of its worst part', () => {
    const [benign, read] = report.escapes as [DoctorReport['escapes'][0], DoctorReport['escapes'][0]];
    expect(exitCodeOf(report)).toBe(0);
    expect(exitCodeOf({ ...report, escapes: [benign, { ...read, held: false }] })).toBe(12);
    expect(exitCodeOf({ ...report, escapes: [{ ...benign, held: false }, read] })).toBe(13);
    expect(exitCodeOf({ ...report, level: 'none', escapes: [] })).toBe(13);
    expect(exitCodeOf({ ...report, checks: [{ ...report.checks[0]!, status: 'failure' }] })).toBe(1);
    expect(exitCodeOf({ ...report, checks: [{ ...report.checks[0]!, status: 'warning' }] })).toBe(0);
  });

  test('shows remedies and what was not held', () => {
    const text = doctorLines(
      {
        ...report,
        checks: [{ id: 'b', title: 'B', status: 'failure', found: 'gone', remedies: ['one\ntwo'] }],
        escapes: [{ id: 'x', title: 'escape', held: false, detail: 'it got through' }],
      },
      (line) => line,
      pc.createColors(false),
    );
    expect(text).toContain('✗ B  gone\n    → one\n    → two\n');
    expect(text).toContain('✗ escape: not held, it got through');
  });
});
