import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Verdict } from '../model.js';
import { engineVersion } from './engine-version.js';
import { verdictKey } from './verdict-key.js';

const step = z.object({
  role: z.enum(['source', 'step', 'guard', 'decoder', 'sink']),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  note: z.string(),
});
const finding = z.object({
  rule: z.string(),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  phase: z.enum(['install', 'import', 'bin', 'metadata']),
  file: z.string(),
  line: z.number(),
  message: z.string(),
  slice: z.object({ steps: z.array(step), frame: z.string() }).nullable(),
  weight: z.number(),
  family: z.string(),
  unasked: z.boolean(),
  floor: z.enum(['review', 'block', 'allow']).nullable(),
  guards: z.array(z.string()),
});
const verdictSchema = z.object({
  action: z.enum(['allow', 'review', 'block']),
  score: z.number().min(0).max(100),
  findings: z.array(finding),
  capabilities: z.array(z.string()),
  stats: z.object({ files: z.number(), bytes: z.number(), parsed: z.number(), ms: z.number(), fromCache: z.boolean() }),
});
const record = z.object({ key: z.string(), verdict: verdictSchema });

/** Verdicts of bytes that were read before, by sha512 integrity. */
export interface VerdictCache {
  /** The verdict of these bytes under the same engine and rules, marked `fromCache`; null when there is none. */
  get(integrity: string, variant?: string): Verdict | null;
  /** Remembers a verdict; verdicts that a limit made are not kept. */
  set(integrity: string, verdict: Verdict, variant?: string): void;
  readonly size: number;
}

const MAX_RECORDS = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Opens the cache of one engine and rule set: one append-only segment of JSON lines under `<home>/verdicts`. Every line is a
 * whole record written at once, so that processes may share it; a torn or foreign line is passed over.
 *
 * @param home SAFE_INSTALL_HOME
 * @param rulesHash `RuleSet.hash`
 */
export function openVerdictCache(home: string, rulesHash: string): VerdictCache {
  const folder = join(home, 'verdicts');
  const name = `${verdictKey(engineVersion(), rulesHash)}.jsonl`;
  const file = join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lines = readLines(file);
  let entries = new Map(
    lines.map((line) => [keyOfLine(line), line] as const).filter((pair): pair is [string, string] => pair[0] !== null),
  );
  if (entries.size > MAX_RECORDS || sizeOf(file) > MAX_BYTES || lines.length > entries.size * 2 + 1_000)
    entries = compact(file, entries);
  dropOldSegments(folder, name);
  return {
    get(integrity, variant = '') {
      if (!integrity.startsWith('sha512-')) return null;
      const line = entries.get(keyOf(integrity, variant));
      const parsed = line === undefined ? null : parseRecord(line);
      return parsed === null ? null : { ...parsed, stats: { ...parsed.stats, fromCache: true } };
    },
    set(integrity, verdict, variant = '') {
      if (!integrity.startsWith('sha512-') || verdict.findings.some((each) => each.rule === 'analyzer-limit')) return;
      const key = keyOf(integrity, variant);
      if (entries.has(key)) return;
      const line = JSON.stringify({ key, verdict });
      entries.set(key, line);
      // A torn line before this one must not swallow it.
      appendFileSync(file, `\n${line}\n`, { mode: 0o600 });
    },
    get size() {
      return entries.size;
    },
  };
}

/** The first integrity of an SRI string stands for the bytes; the variant for what else the verdict depends on. */
function keyOf(integrity: string, variant: string): string {
  return `${integrity.split(' ')[0] ?? integrity}${variant === '' ? '' : `#${variant}`}`;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"key":"') && line.endsWith('}'));
  } catch {
    return [];
  }
}

function keyOfLine(line: string): string | null {
  return /^\{"key":"([^"\\]+)"/.exec(line)?.[1] ?? null;
}

/** A record is checked when it is asked for: start-up does not pay for thousands that nobody needs. */
function parseRecord(line: string): Verdict | null {
  try {
    const parsed = record.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.verdict : null;
  } catch {
    return null;
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
