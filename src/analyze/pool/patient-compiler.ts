/** By Node's major version: V8 names the bound differently, and writes to stderr about a name that it does not know. */
const FLAGS: Readonly<Record<string, string>> = {
  20: '--interrupt-budget=1056000',
  22: '--invocation-count-for-turbofan=16000',
  24: '--invocation-count-for-turbofan=16000',
};

/**
 * The option of Node that makes V8 wait longer before it optimises a function; null where that is not known of this version. A scan of an install
 * runs too much code too short a time for most optimised code to pay for its making, which takes a third of the CPU in other threads.
 */
export function patienceOf(version: string): string | null {
  return FLAGS[version.split('.')[0] ?? ''] ?? null;
}
