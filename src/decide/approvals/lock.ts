import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EXIT, SafeInstallError } from '../../errors.js';
import { replaceFile } from '../../replace-file.js';
import { LOCK_NAME } from './lock-name.js';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be YYYY-MM-DD');
const hash = z.string().regex(/^sha(256|384|512)-[A-Za-z0-9+/]+=*$/, 'must be a subresource integrity');

const recordSchema = z.strictObject({
  integrity: hash,
  scriptHash: hash,
  grant: z
    .strictObject({
      writable: z.array(z.string()),
      readable: z.array(z.string()),
      hosts: z.array(z.string()),
      env: z.array(z.string()),
    })
    .partial()
    .nullable(),
  reason: z.string(),
  by: z.string(),
  on: day,
  expires: day.nullable(),
});

const denialSchema = z.strictObject({ reason: z.string(), by: z.string(), on: day });

/** Shape of safe-install.lock. */
export const approvalLockSchema = z.strictObject({
  lockfileVersion: z.literal(1),
  approvals: z.record(z.string(), recordSchema),
  denials: z.record(z.string(), denialSchema).default({}),
});

/** What safe-install.lock says. */
export type ApprovalLock = z.infer<typeof approvalLockSchema>;
/** One approval: these bytes, these scripts, this grant, by whom, why and until when. */
export type ApprovalRecord = z.infer<typeof recordSchema>;

/** A lock without a word in it. */
export const EMPTY_LOCK: ApprovalLock = { lockfileVersion: 1, approvals: {}, denials: {} };

/**
 * Reads safe-install.lock of a project; an absent one is empty.
 * @throws SafeInstallError EAPPROVALLOCK (exit 14) where the file cannot be understood
 */
export function readApprovalLock(projectRoot: string): ApprovalLock {
  const file = join(projectRoot, LOCK_NAME);
  if (!existsSync(file)) return EMPTY_LOCK;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw lockError(`safe-install.lock cannot be read: ${(error as Error).message}`, file);
  }
  const result = approvalLockSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw lockError(`safe-install.lock is not valid: ${issue.path.map(String).join('.')}: ${issue.message}`, file);
}

/** Writes safe-install.lock whole or not at all, its keys sorted so that merges stay readable. */
export async function writeApprovalLock(projectRoot: string, lock: ApprovalLock): Promise<void> {
  const file = join(projectRoot, LOCK_NAME);
  const sorted: ApprovalLock = { lockfileVersion: 1, approvals: byKey(lock.approvals), denials: byKey(lock.denials) };
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Splits approvals into those that hold on a day (UTC) and those that have ended. */
export function heldOn(
  lock: ApprovalLock,
  today: Date,
): { held: [string, ApprovalRecord][]; ended: [string, ApprovalRecord][] } {
  const now = today.toISOString().slice(0, 10);
  const entries = Object.entries(lock.approvals);
  const isHeld = ([, { expires }]: [string, ApprovalRecord]) => expires === null || expires >= now;
  return { held: entries.filter(isHeld), ended: entries.filter((entry) => !isHeld(entry)) };
}

function byKey<T>(table: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function lockError(message: string, where: string): SafeInstallError {
  return new SafeInstallError(message, {
    code: 'EAPPROVALLOCK',
    exitCode: EXIT.config,
    where,
    next: ['Restore it from version control, or remove it and approve again.'],
  });
}
