import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxEvent, ScriptRun } from '../model.js';

/** One line of the audit log: what one script did, without its output. */
const lineSchema = z.object({
  time: z.string(),
  package: z.string(),
  event: z.string(),
  exitCode: z.number().nullable(),
  ms: z.number(),
  limit: z.string().nullable(),
  violation: z.string().nullable(),
  /** Attempts that were denied, undone or ended, by class. */
  attempts: z.record(z.string(), z.number()),
});

export type AuditLine = z.infer<typeof lineSchema>;

const FILE = 'audit/scripts.jsonl';
const ROTATE_BYTES = 4 * 1024 * 1024;
const KEPT_FILES = 4;

/** Rotates `scripts.jsonl` to `scripts.jsonl.1` and so on, once it is large. */
function rotate(file: string): void {
  if (!existsSync(file) || statSync(file).size < ROTATE_BYTES) return;
  for (let n = KEPT_FILES - 1; n >= 1; n--) {
    const from = n === 1 ? file : `${file}.${n - 1}`;
    if (existsSync(from)) renameSync(from, `${file}.${n}`);
  }
}

/** Counts what a script tried and must not, by class. */
export function countAttempts(events: readonly SandboxEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events) {
    const counted = event.action !== 'allowed' && (event.action !== 'reported' || event.class === 'decoy');
    if (counted) counts[event.class] = (counts[event.class] ?? 0) + 1;
  }
  return counts;
}

/** Appends one script's line to the audit log of the data folder. */
export function appendAudit(stateDir: string, run: ScriptRun, events: readonly SandboxEvent[]): void {
  const file = join(stateDir, FILE);
  mkdirSync(join(stateDir, 'audit'), { recursive: true, mode: 0o700 });
  rotate(file);
  const line: AuditLine = {
    time: new Date().toISOString(),
    package: run.package,
    event: run.event,
    exitCode: run.exitCode,
    ms: Math.round(run.ms),
    limit: run.limit,
    violation: run.violation ?? null,
    attempts: countAttempts(events),
  };
  // One write of less than a page: lines of several processes do not mix.
  appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

const total = (attempts: Record<string, number>) => Object.values(attempts).reduce((sum, n) => sum + n, 0);

/**
 * Compares what a package's script tried now with its own past.
 *
 * @param events what it tried now; the log must not hold this run yet.
 * @returns a sentence for the report where there is more than ever before, else null; null too without a past.
 */
export function risingAttempts(
  stateDir: string,
  packageId: string,
  event: string,
  events: readonly SandboxEvent[],
): string | null {
  const file = join(stateDir, FILE);
  const now = total(countAttempts(events));
  if (now === 0 || !existsSync(file)) return null;
  const name = packageId.slice(0, packageId.lastIndexOf('@'));
  const past = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text) => {
      if (!text.includes(`"${name}@`)) return [];
      try {
        return [lineSchema.parse(JSON.parse(text))];
      } catch {
        return [];
      }
    })
    .filter((line) => line.package.slice(0, line.package.lastIndexOf('@')) === name && line.event === event)
    .map((line) => total(line.attempts));
  const most = Math.max(...past);
  if (past.length === 0 || now <= most) return null;
  return `${now} refused attempts; never more than ${most} in ${past.length} earlier runs`;
}
