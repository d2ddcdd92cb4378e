import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstallReport } from '../../model.js';
import type { InstallOptions } from '../options.js';
import { type Fingerprint, fingerprintOf } from './fingerprint.js';
import { stampTree } from './tree-stamp.js';

/** An install that has nothing to do: what it starts from, and what it reports. */
interface Settled {
  fingerprint: Fingerprint;
  tree: string;
  report: InstallReport;
}

/** What a look at the record gave. `fingerprint` is null where this command is never settled. */
export interface SettledLook {
  report: InstallReport | null;
  fingerprint: Fingerprint | null;
}

const KEPT_PROJECTS = 200;

/**
 * Looks whether this very install is known to have nothing to do: a bare `install` from the same project files, tree, npm
 * configuration, policy, approvals, rules and engine. Its report then holds again, and neither arborist nor scanner is loaded.
 */
export function lookForSettled(options: InstallOptions): SettledLook {
  if (!canBeSettled(options)) return { report: null, fingerprint: null };
  const started = performance.now();
  try {
    const fingerprint = fingerprintOf(options);
    // A clean install writes everything; it may leave a tree that an `install` has nothing to do with.
    if (options.command === 'ci') return { report: null, fingerprint };
    const file = fileOf(options);
    if (!existsSync(file)) return { report: null, fingerprint };
    const known = JSON.parse(readFileSync(file, 'utf8')) as Settled;
    if (!isSame(known.fingerprint, fingerprint) || known.tree !== stampTree(options.npm.path)) {
      return { report: null, fingerprint };
    }
    const timings = { total: Math.round(performance.now() - started) };
    return { report: { ...known.report, timings }, fingerprint };
  } catch {
    // What cannot be read is no reason to skip anything.
    return { report: null, fingerprint: null };
  }
}

/**
 * Keeps that an install would have nothing to do if it were run again, or after this `ci`. Kept only where that is sure: it ended well, warned of nothing, ran
 * no script of the project itself, those of dependencies ended well (one of an optional dependency that fails is tried again), and what it
 * started from is as it was, but for lock files: those it has just written describe the very tree that it left.
 */
export function rememberSettled(options: InstallOptions, before: Fingerprint | null, report: InstallReport): void {
  if (before === null || report.exitCode !== 0 || report.events.length + report.warnings.length > 0) return;
  if (!report.scripts.every(({ location, exitCode }) => location !== '' && exitCode === 0)) return;
  try {
    const tree = stampTree(options.npm.path);
    const fingerprint = fingerprintOf(options, before.rules);
    if (tree === null || fingerprint.given !== before.given) return;
    const packages = report.packages.map((each) => ({ ...each, verdict: { ...each.verdict, fromCache: true } }));
    const { network: _, ...rest } = report;
    const again = {
      ...rest,
      command: 'install' as const,
      packages,
      changes: { added: 0, removed: 0, changed: 0 },
      scripts: [],
    };
    const settled: Settled = { fingerprint, tree, report: again };
    const file = fileOf(options);
    mkdirSync(folderOf(options), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
    writeFileSync(temporary, JSON.stringify(settled), { mode: 0o600 });
    renameSync(temporary, file);
    dropOldest(folderOf(options));
  } catch {
    // Without the record the next install looks again.
  }
}

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return one.given === other.given && one.locks === other.locks;
}

function canBeSettled({ command, specs, npm, rooms, signal }: InstallOptions): boolean {
  const { global, dryRun, packageLockOnly, workspaces, packageLock } = npm.flat;
  const plain = global !== true && dryRun !== true && packageLockOnly !== true && packageLock !== false;
  const whole = npm.workspaces.length === 0 && workspaces !== true;
  const bare = (command === 'install' || command === 'ci') && specs.length === 0;
  return bare && plain && whole && rooms === undefined && signal?.aborted !== true;
}

function folderOf({ stateDir }: InstallOptions): string {
  return join(stateDir, 'settled');
}

function fileOf(options: InstallOptions): string {
  const name = createHash('sha256').update(options.npm.path).digest('hex').slice(0, 32);
  return join(folderOf(options), `${name}.json`);
}

function dropOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= KEPT_PROJECTS) return;
  const dated = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  for (const { path } of dated.sort((a, b) => b.time - a.time).slice(KEPT_PROJECTS / 2)) rmSync(path, { force: true });
}
