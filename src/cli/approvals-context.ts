import { userInfo } from 'node:os';
import type { Explanation } from '../install/index.js';
import type { CommandContext } from './command.js';
import { usageError } from './flags.js';
import { sessionOf } from './session.js';

/** Reads, scans and tells of the packages a spec names: those of the project's tree, else of the registry. */
export async function explain(context: CommandContext, spec: string): Promise<Explanation[]> {
  const { explainPackage } = await import('../install/index.js');
  return explainPackage({ spec, cwd: context.cwd, ...(await sessionOf(context)), signal: context.signal });
}

/** Who decides, for the record. */
export function decider(env: Record<string, string | undefined>): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? 'unknown';
  }
}

/** Today in UTC, `YYYY-MM-DD`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Checks `--expires`: a day that has not passed, `YYYY-MM-DD`, or a number of days, `90d`. */
export function expiryDay(value: string | undefined): string | null {
  if (value === undefined) return null;
  const days = /^(\d{1,4})d$/.exec(value);
  if (days !== null) return new Date(Date.now() + Number(days[1]) * 86_400_000).toISOString().slice(0, 10);
  const date = new Date(`${value}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(value)) {
    throw usageError('--expires needs a day as YYYY-MM-DD, or a number of days as 90d.', `--expires ${value}`);
  }
  if (value < today()) throw usageError('--expires names a day that has passed.', `--expires ${value}`);
  return value;
}
