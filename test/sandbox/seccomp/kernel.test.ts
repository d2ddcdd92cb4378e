import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FilterArchitecture, REFUSED_CALLS, seccompProgram } from '../../../src/sandbox/seccomp/index.js';
import { casesOf } from './sample.js';

/** Numbers that none of these calls returns by itself: an answer of ours cannot be mistaken for the kernel's own. */
const MARKED = { EPERM: 121, ENOSYS: 122 };

const ASK = `
import ctypes, json, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
answers = []
for number, args in json.load(sys.stdin):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_void_p(a) for a in args])
    answers.append(ctypes.get_errno() if result < 0 else -result)
print(json.dumps(answers))
`;

function askKernel(program: Buffer, calls: [number: number, args: number[]][]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'si-seccomp-'));
  const file = join(folder, 'filter');
  writeFileSync(file, program);
  const fd = openSync(file, 'r');
  try {
    const { stdout, stderr, status } = spawnSync(
      'bwrap',
      [
        '--unshare-all',
        '--cap-drop',
        'ALL',
        '--ro-bind',
        '/',
        '/',
        '--proc',
        '/proc',
        '--seccomp',
        '3',
        'python3',
        '-c',
        ASK,
      ],
      {
        input: JSON.stringify(calls),
        stdio: ['pipe', 'pipe', 'pipe', fd],
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
      },
    );
    if (status !== 0) throw new Error(`${status} ${stderr}`);
    return JSON.parse(stdout) as number[];
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

describe('the kernel, asked for every row', () => {
  const architecture = process.arch as FilterArchitecture;
  const asked = REFUSED_CALLS.flatMap((call) => {
    const number = call[architecture];
    return number === null ? [] : casesOf(call).map((args) => ({ call, number, args }));
  });
  const questions = asked.map(({ number, args }): [number, number[]] => [number, args]);

  it('answers as the table says, and through the filter', () => {
    const marked = askKernel(seccompProgram(architecture, REFUSED_CALLS, MARKED), questions);
    const told = asked.map(({ call, args }, at) => `${call.name}(${args}) ${marked[at]}`);
    expect(told).toEqual(asked.map(({ call, args }) => `${call.name}(${args}) ${MARKED[call.answer]}`));
  });

  it('answers with the real numbers too', () => {
    const real = askKernel(seccompProgram(architecture, REFUSED_CALLS), questions);
    expect(real).toEqual(asked.map(({ call }) => (call.answer === 'EPERM' ? 1 : 38)));
  });

  it('is asked for every row that this machine has', () => {
    expect(new Set(asked.map(({ call }) => call)).size).toBe(
      REFUSED_CALLS.filter((call) => call[architecture] !== null).length,
    );
    expect(asked.length).toBeGreaterThan(70);
  });
});
