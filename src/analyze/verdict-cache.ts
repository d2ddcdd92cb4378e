import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Verdict } from '../model.js';
import { engineVersion } from './engine-version.js';
import { type Records, readShipped, shippedFile } from './shipped-verdicts.js';
import { verdictKey } from './verdict-key.js';
import { isLasting, parseRecord, readSegment, recordKey, recordLine } from './verdict-record.js';

/** Verdicts of bytes that were read before, by sha512 integrity. */
export interface VerdictCache {
  /** The verdict of these bytes under the same engine and rules, marked `fromCache`; null when there is none. */
  get(integrity: string, variant?: string): Verdict | null;
  /** Whether there is a record of these bytes; it is not read for that. */
  has(integrity: string, variant?: string): boolean;
  /** Remembers a verdict; verdicts that a limit made are not kept. */
  set(integrity: string, verdict: Verdict, variant?: string): void;
  readonly size: number;
}

const MAX_RECORDS = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What a cache knows besides what this machine has read. */
export interface VerdictSources {
  /** Public keys whose imported verdicts count, as policy names them. */
  trustedKeys?: readonly string[];
  /** The file of verdicts that comes with this package; null for none. */
  shipped?: string | null;
}

/**
 * Opens the cache of one engine and rule set: one append-only segment of JSON lines under `<home>/verdicts`. Every line is a
 * whole record written at once, so that processes may share it; a torn or foreign line is passed over. What it does not hold is
 * looked for among imported verdicts of trusted keys, then among those that come with this package.
 *
 * @param home SAFE_INSTALL_HOME
 * @param rulesHash `RuleSet.hash`
 */
export function openVerdictCache(home: string, rulesHash: string, sources: VerdictSources = {}): VerdictCache {
  const engineAndRules = verdictKey(engineVersion(), rulesHash);
  const folder = join(home, 'verdicts');
  const file = segmentFile(home, engineAndRules);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let { entries, lines } = readSegment(file);
  if (entries.size > MAX_RECORDS || sizeOf(file) > MAX_BYTES || lines > entries.size * 2 + 1_000)
    entries = compact(file, entries);
  dropOldSegments(folder, basename(file));
  const { trustedKeys = [], shipped = shippedFile() } = sources;
  const others = new Later((): Records[] => [
    ...trustedKeys.map((key) => readSegment(importedFile(home, key, engineAndRules)).entries),
    ...(shipped === null ? [] : [readShipped(shipped, engineAndRules)]),
  ]);
  const lineOf = (key: string): string | undefined => {
    const own = entries.get(key);
    if (own !== undefined) return own;
    for (const segment of others.value) {
      const line = segment.get(key);
      if (line !== undefined) return line;
    }
    return undefined;
  };
  return {
    get(integrity, variant = '') {
      if (!integrity.startsWith('sha512-')) return null;
      const key = recordKey(integrity, variant);
      const line = lineOf(key);
      const parsed = line === undefined ? null : parseRecord(line);
      if (parsed === null || parsed.key !== key) return null;
      return { ...parsed.verdict, stats: { ...parsed.verdict.stats, fromCache: true } };
    },
    has(integrity, variant = '') {
      return integrity.startsWith('sha512-') && lineOf(recordKey(integrity, variant)) !== undefined;
    },
    set(integrity, verdict, variant = '') {
      if (!integrity.startsWith('sha512-') || !isLasting(verdict)) return;
      const key = recordKey(integrity, variant);
      if (entries.has(key)) return;
      const line = recordLine(key, verdict);
      entries.set(key, line);
      try {
        // A torn line before this one must not swallow it.
        appendFileSync(file, `\n${line}\n`, { mode: 0o600 });
      } catch {
        // A full disk costs the next install a scan, not this one its success.
      }
    },
    get size() {
      return entries.size;
    },
  };
}

/** The segment of what this machine has read, under `verdictKey`'s name. */
export function segmentFile(home: string, engineAndRules: string): string {
  return join(home, 'verdicts', `${engineAndRules}.jsonl`);
}

/** The segment of what was imported from one signer. */
export function importedFile(home: string, publicKey: string, engineAndRules: string): string {
  const signer = createHash('sha256').update(publicKey).digest('hex').slice(0, 32);
  return join(home, 'verdicts', 'imported', signer, `${engineAndRules}.jsonl`);
}

/** Made when it is first asked for. */
class Later<Value> {
  #made: { value: Value } | null = null;
  readonly #make: () => Value;
  constructor(make: () => Value) {
    this.#make = make;
  }
  get value(): Value {
    this.#made ??= { value: this.#make() };
    return this.#made.value;
  }
}

function compact(file: string, entries: Map<string, string>): Map<string, string> {
  const kept = new Map([...entries].slice(-Math.floor(MAX_RECORDS / 2)));
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${[...kept.values()].join('\n')}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return kept;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Of segments of older engines and rules the newest four stay. */
function dropOldSegments(folder: string, own: string): void {
  try {
    const others = readdirSync(folder).filter((name) => name.endsWith('.jsonl') && name !== own);
    const dated = others
      .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
      .sort((a, b) => b.time - a.time);
    for (const { path } of dated.slice(4)) rmSync(path, { force: true });
  } catch {
    // Another process may be cleaning up at the same time.
  }
}
