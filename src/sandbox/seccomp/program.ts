import type { ArgumentTest, RefusedCall } from './table.js';

/** Architectures that the filter is generated for, by Node's name of them. */
export type FilterArchitecture = 'x64' | 'arm64';

const AUDIT_ARCH: Record<FilterArchitecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** Numbers that refused calls return. */
export const REFUSAL_NUMBERS = { EPERM: 1, ENOSYS: 38 };

type Numbers = Record<RefusedCall['answer'], number>;

const RET_KILL_PROCESS = 0x80000000;
const RET_ERRNO = 0x00050000;
const RET_ALLOW = 0x7fff0000;

/** Bit that marks calls of the x32 ABI, which would pass a filter that looks at plain numbers. */
const X32 = 0x40000000;

const OFFSET_NUMBER = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARGUMENTS = 16;

/** One instruction of classic BPF (`struct sock_filter`). */
interface Instruction {
  code: number;
  jumpTrue: number;
  jumpFalse: number;
  k: number;
}

const load = (offset: number): Instruction => ({ code: 0x20, jumpTrue: 0, jumpFalse: 0, k: offset });
const and = (mask: number): Instruction => ({ code: 0x54, jumpTrue: 0, jumpFalse: 0, k: mask });
const give = (value: number): Instruction => ({ code: 0x06, jumpTrue: 0, jumpFalse: 0, k: value });
const jumpEqual = (k: number, jumpTrue: number, jumpFalse: number): Instruction => ({
  code: 0x15,
  jumpTrue,
  jumpFalse,
  k,
});
const jumpAtLeast = (k: number, jumpTrue: number, jumpFalse: number): Instruction => ({
  code: 0x35,
  jumpTrue,
  jumpFalse,
  k,
});
const jumpAnyBit = (k: number, jumpTrue: number, jumpFalse: number): Instruction => ({
  code: 0x45,
  jumpTrue,
  jumpFalse,
  k,
});

/** One test: where it fails, `otherwise` instructions are skipped. */
function testArgument(test: ArgumentTest, otherwise: number): Instruction[] {
  const value = [load(OFFSET_ARGUMENTS + 8 * test.argument)];
  if (test.test === 'any') return [...value, jumpAnyBit(test.mask, 0, otherwise)];
  if (test.mask !== 0xffffffff) value.push(and(test.mask));
  const wanted = test.value ?? 0;
  return [...value, test.test === 'is' ? jumpEqual(wanted, 0, otherwise) : jumpEqual(wanted, otherwise, 0)];
}

/** All tests of a group, then the answer; a test that fails goes on behind it. */
function testGroup(group: readonly ArgumentTest[], answer: number): Instruction[] {
  return group.reduceRight<Instruction[]>(
    (rest, test) => [...testArgument(test, rest.length), ...rest],
    [give(answer)],
  );
}

function refuse(call: RefusedCall, number: number, numbers: Numbers): Instruction[] {
  const answer = RET_ERRNO | numbers[call.answer];
  if (call.when === undefined) return [jumpEqual(number, 0, 1), give(answer)];
  const body = call.when.flatMap((group) => testGroup(group, answer));
  return [load(OFFSET_NUMBER), jumpEqual(number, 0, body.length), ...body];
}

/**
 * Generates the seccomp program that refuses the calls of a table on one architecture and ends a process that enters
 * the kernel through another one (int 0x80). The bytes are an array of `struct sock_filter`, as bubblewrap reads it.
 *
 * @param numbers what the answers are; others than the real ones let a test see whose answer a refusal is.
 */
export function seccompProgram(
  architecture: FilterArchitecture,
  calls: readonly RefusedCall[],
  numbers: Numbers = REFUSAL_NUMBERS,
): Buffer {
  const here = calls.filter((call) => call[architecture] !== null);
  const program: Instruction[] = [
    load(OFFSET_ARCH),
    jumpEqual(AUDIT_ARCH[architecture], 1, 0),
    give(RET_KILL_PROCESS),
    load(OFFSET_NUMBER),
    ...(architecture === 'x64' ? [jumpAtLeast(X32, 0, 1), give(RET_ERRNO | numbers.ENOSYS)] : []),
    ...here.filter((call) => call.when === undefined).flatMap((call) => refuse(call, call[architecture]!, numbers)),
    ...here.filter((call) => call.when !== undefined).flatMap((call) => refuse(call, call[architecture]!, numbers)),
    give(RET_ALLOW),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, at) => {
    bytes.writeUInt16LE(instruction.code, at * 8);
    bytes.writeUInt8(instruction.jumpTrue, at * 8 + 2);
    bytes.writeUInt8(instruction.jumpFalse, at * 8 + 3);
    bytes.writeUInt32LE(instruction.k >>> 0, at * 8 + 4);
  });
  return bytes;
}
