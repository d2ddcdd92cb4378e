import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Verdict } from '../model.js';

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
  lifecycle: z
    .object({
      scripts: z.record(z.string(), z.string()),
      gypfile: z.boolean().optional(),
      hasBindingGyp: z.boolean(),
    })
    .optional(),
});
const record = z.object({ key: z.string(), verdict: verdictSchema });

/** The first integrity of an SRI string stands for the bytes; the variant for what else the verdict depends on. */
export function recordKey(integrity: string, variant: string): string {
  return `${integrity.split(' ')[0] ?? integrity}${variant === '' ? '' : `#${variant}`}`;
}

/** One record as a line of a segment. */
export function recordLine(key: string, verdict: Verdict): string {
  return JSON.stringify({ key, verdict });
}

/** Whether a verdict may be kept: one that a limit of time or memory made is of this moment. */
export function isLasting(verdict: Verdict): boolean {
  return !verdict.findings.some(({ rule }) => rule === 'analyzer-limit');
}

/** The whole lines of a segment by their keys, the last one of a key; torn and foreign lines are passed over. */
export function readSegment(file: string): { entries: Map<string, string>; lines: number } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { entries: new Map(), lines: 0 };
  }
  const lines = text.split('\n').filter((line) => line.startsWith('{"key":"') && line.endsWith('}'));
  const entries = new Map<string, string>();
  for (const line of lines) {
    const key = /^\{"key":"([^"\\]+)"/.exec(line)?.[1];
    if (key !== undefined) entries.set(key, line);
  }
  return { entries, lines: lines.length };
}

/** A record is checked when it is asked for: start-up does not pay for thousands that nobody needs. */
export function parseRecord(line: string): { key: string; verdict: Verdict } | null {
  try {
    const parsed = record.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
