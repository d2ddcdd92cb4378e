import { describe, expect, it } from 'vitest';
import { REFUSED_CALLS, seccompProgram } from '../../../src/sandbox/seccomp/index.js';
import { casesOf, evaluate } from './sample.js';

const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const I386 = 0x40000003;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const ERRNO = { EPERM: 0x00050001, ENOSYS: 0x00050026 } as const;

/** Calls that every program makes, with arguments as they make them: number on x86-64, on arm64. */
const ORDINARY: [name: string, x64: number | null, arm64: number, args: number[]][] = [
  ['read', 0, 63, [0]],
  ['openat for reading', 257, 56, [0xffffff9c, 0, 0o2000000, 0]],
  ['openat of a new file', 257, 56, [0xffffff9c, 0, 0o101, 0o644]],
  ['openat without a mode', 257, 56, [0xffffff9c, 0, 0, 0o6755]],
  ['clone of a thread', 56, 220, [0x003d0f00]],
  ['fork', 56, 220, [0x01200011]],
  ['socket TCP', 41, 198, [2, 0x80801, 6]],
  ['socket UDP over IPv6', 41, 198, [10, 2, 0]],
  ['socket local', 41, 198, [1, 1, 0]],
  ['socket of the routing table', 41, 198, [16, 3, 0]],
  ['socketpair', 53, 199, [1, 1, 0]],
  ['chmod 755', 90, 53, [0, 0, 0o755]],
  ['mkfifo', 259, 33, [0xffffff9c, 0, 0o10644]],
  ['ioctl window size', 16, 29, [0, 0x5413]],
  ['fcntl non-blocking', 72, 25, [0, 4, 0o4000]],
  ['unshare of files', 272, 97, [0x400]],
  ['personality asked', 135, 92, [0xffffffff]],
  ['execve', 59, 221, []],
  ['mmap', 9, 222, []],
];

describe.each(['x64', 'arm64'] as const)('seccomp program for %s', (architecture) => {
  const program = seccompProgram(architecture, REFUSED_CALLS);
  const arch = ARCH[architecture];
  const rows = REFUSED_CALLS.filter((call) => call[architecture] !== null);

  it.each(rows.map((call) => [call.name, call] as const))('refuses %s', (_, call) => {
    for (const args of casesOf(call)) {
      expect(evaluate(program, { number: call[architecture]!, arch, args })).toBe(ERRNO[call.answer]);
    }
  });

  it.each(ORDINARY)('allows %s', (_, x64, arm64, args) => {
    const number = architecture === 'x64' ? x64 : arm64;
    if (number !== null) expect(evaluate(program, { number, arch, args })).toBe(ALLOW);
  });

  it('ends a process that enters through another architecture', () => {
    expect(evaluate(program, { number: 0, arch: I386, args: [] })).toBe(KILL);
    expect(evaluate(program, { number: 0, arch: ARCH[architecture === 'x64' ? 'arm64' : 'x64'], args: [] })).toBe(KILL);
  });

  it('fits into what the kernel takes', () => {
    expect(program.length % 8).toBe(0);
    expect(program.length / 8).toBeLessThan(4096);
  });
});

describe('seccomp table', () => {
  it('knows no call of the x32 ABI', () => {
    const program = seccompProgram('x64', REFUSED_CALLS);
    expect(evaluate(program, { number: 0x40000000 + 101, arch: ARCH.x64, args: [] })).toBe(ERRNO.ENOSYS);
  });

  it('looks at the low half of an argument only, so that high bits hide nothing', () => {
    const program = seccompProgram('x64', REFUSED_CALLS);
    expect(evaluate(program, { number: 16, arch: ARCH.x64, args: [0, 0x5412] })).toBe(ERRNO.EPERM);
  });

  it('gives a reason for each row', () => {
    for (const call of REFUSED_CALLS) expect(call.reason.length).toBeGreaterThan(8);
  });
});
