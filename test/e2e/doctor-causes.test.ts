import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../src/doctor/index.js';
import { REFUSED_CALLS, type RefusedCall, seccompProgram } from '../../src/sandbox/seccomp/index.js';

// The reasons why a machine has no sandbox, each made for real around the command: a system call filter, a sysctl of a
// namespace, a /proc with a part hidden. Only AppArmor is played: its switch is put where the kernel would have it.
const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'si-doctor-'));
  mkdirSync(join(root, 'home'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What Docker's default profile refuses to a process without CAP_SYS_ADMIN, of what bubblewrap needs. */
function likeDocker(): string {
  const names = ['unshare', 'setns', 'mount', 'umount2', 'pivot_root', 'clone', 'clone3'];
  const rows = REFUSED_CALLS.filter(({ name }) => names.includes(name)).map(
    (row): RefusedCall =>
      row.name === 'unshare' ? { ...row, when: [[{ argument: 0, mask: 0, test: 'is', value: 0 }]] } : row,
  );
  expect(rows).toHaveLength(names.length);
  const file = join(root, 'filter');
  writeFileSync(file, seccompProgram(process.arch as 'x64' | 'arm64', rows));
  return file;
}

const FILTERED = ['bwrap', '--unshare-user', '--dev-bind', '/', '/', '--seccomp', '3', '--'];

/** Runs the doctor behind other programs; `filter` is on descriptor 3. */
async function doctor(before: string[], filter?: string): Promise<{ code: number | null; report: DoctorReport }> {
  const [program = '', ...args] = [...before, process.execPath, BIN, 'doctor', '--json'];
  const descriptor = filter === undefined ? null : openSync(filter, 'r');
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', ...(descriptor === null ? [] : [descriptor])],
    env: {
      PATH: process.env['PATH'],
      HOME: join(root, 'home'),
      SAFE_INSTALL_HOME: join(root, 'state'),
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_globalconfig: join(root, 'none'),
    },
  });
  if (descriptor !== null) closeSync(descriptor);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  expect(stdout, stderr).not.toBe('');
  return { code, report: JSON.parse(stdout) as DoctorReport };
}

const namespaces = ({ checks }: DoctorReport) => {
  const { status, found, remedies } = checks.find(({ id }) => id === 'user-namespaces')!;
  return { status, found, remedies: remedies.join('\n') };
};

/** A shell line in a mount namespace of its own (as an ordinary user in a user namespace too), before the doctor. */
const inMounts = (line: string) => [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['-U', '-r']),
  '-m',
  '/bin/sh',
  '-c',
  `${line}; exec "$@"`,
  'sh',
];

describe('the doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { report } = await doctor([]);
    expect(namespaces(report)).toEqual({ status: 'ok', found: 'can be made', remedies: '' });
    expect(report.level).toBe('full');
  });

  it('knows a filter of system calls, as in a container with the default profile', async () => {
    const { code, report } = await doctor(FILTERED, likeDocker());
    expect([code, report.level, report.escapes]).toEqual([13, 'none', []]);
    const { status, found, remedies } = namespaces(report);
    expect([status, found]).toEqual(['failure', expect.stringContaining('seccomp filter')]);
    expect(remedies).toContain('--security-opt seccomp=');
  });

  it('knows the sysctl that allows no user namespaces', async () => {
    const line = 'echo 0 > /proc/sys/user/max_user_namespaces || exit 99; exec "$@"';
    const { code, report } = await doctor(['unshare', '-U', '-r', '/bin/sh', '-c', line, 'sh']);
    expect([code, report.level]).toEqual([13, 'none']);
    expect(namespaces(report)).toEqual({
      status: 'failure',
      found: 'the sysctl user.max_user_namespaces is 0',
      remedies: 'As root: sysctl -w user.max_user_namespaces=15000',
    });
  });

  it.each([
    ['apparmor_restrict_unprivileged_userns', '1', 'AppArmor restricts user namespaces', '/etc/apparmor.d/bwrap'],
    ['unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone is 0', 'kernel.unprivileged_userns_clone=1'],
  ])('knows the switch kernel.%s', async (name, value, cause, remedy) => {
    const kernel = join(root, 'kernel');
    mkdirSync(join(kernel, 'seccomp'), { recursive: true });
    writeFileSync(join(kernel, name), `${value}\n`);
    for (const name of ['overflowuid', 'overflowgid']) writeFileSync(join(kernel, name), '65534\n');
    writeFileSync(join(kernel, 'seccomp/actions_avail'), 'kill_process errno allow\n');
    const { code, report } = await doctor(
      [...inMounts(`mount --bind ${kernel} /proc/sys/kernel || exit 99`), ...FILTERED],
      likeDocker(),
    );
    expect([code, report.level]).toEqual([13, 'none']);
    const { found, remedies } = namespaces(report);
    expect(found).toContain(cause);
    expect(remedies).toContain(remedy);
  });

  it('knows a container that hides parts of /proc', async () => {
    const { code, report } = await doctor(inMounts('mount --bind /dev/null /proc/version || exit 99'));
    expect([code, report.level]).toEqual([13, 'none']);
    const { found, remedies } = namespaces(report);
    expect(found).toContain('/proc');
    expect(remedies).toContain('systempaths=unconfined');
  });
});
