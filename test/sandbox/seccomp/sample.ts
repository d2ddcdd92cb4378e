import type { ArgumentTest, RefusedCall } from '../../../src/sandbox/seccomp/index.js';

const VALUES = [0, 1, 2, 3, 4, 5, 8, 10, 12, 15, 16, 17, 38, 40, 0x5412, 0x541c, 0x5423, 0o20000, 0o60000];

function holds(test: ArgumentTest, value: number): boolean {
  const masked = (value & test.mask) >>> 0;
  if (test.test === 'any') return masked !== 0;
  return (masked === (test.value ?? 0) >>> 0) === (test.test === 'is');
}

/** Lowest bit of a mask: the smallest number that has one of its bits. */
const lowest = (mask: number) => (mask & -mask) >>> 0;

/** Six arguments for which all tests of a group hold. */
export function argumentsFor(group: readonly ArgumentTest[]): number[] {
  const args = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < 6; at++) {
    const tests = group.filter((test) => test.argument === at);
    if (tests.length === 0) continue;
    const candidates = [
      ...VALUES,
      ...tests.filter(({ test }) => test === 'any').map(({ mask }) => lowest(mask)),
      0x40000,
    ];
    const value = candidates.find((candidate) => tests.every((test) => holds(test, candidate)));
    if (value === undefined) throw new Error(`no value for argument ${at}`);
    args[at] = value;
  }
  return args;
}

/** Every case of a row: one per group of its conditions, or any arguments at all. */
export function casesOf(call: RefusedCall): number[][] {
  return call.when === undefined ? [[0, 0, 0, 0, 0, 0]] : call.when.map(argumentsFor);
}

/** What a BPF program of `struct sock_filter` answers to a call. */
export function evaluate(program: Buffer, call: { number: number; arch: number; args: number[] }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch >>> 0, 4);
  for (const [at, arg] of call.args.entries()) data.writeUInt32LE(arg >>> 0, 16 + at * 8);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const code = program.readUInt16LE(at * 8);
    const k = program.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean) => program.readUInt8(at * 8 + (taken ? 2 : 3));
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x15) at += jump(accumulator === k);
    else if (code === 0x35) at += jump(accumulator >= k);
    else if (code === 0x45) at += jump((accumulator & k) !== 0);
    else if (code === 0x06) return k;
    else throw new Error(`unknown instruction ${code.toString(16)}`);
  }
}
