import { z } from 'zod';
import type { EventClass } from '../../model.js';

/** A denial as the macOS kernel logs it. */
export interface Denial {
  /** Name of the program, e.g. `cat`. */
  process: string;
  pid: number;
  /** e.g. `file-read-data`. */
  operation: string;
  /** Path, address or service; empty where the log names none. */
  target: string;
  class: EventClass;
}

/** One line of `log stream --style ndjson`; only what is used of it. */
const logLine = z.object({ eventMessage: z.string() });

const MESSAGE =
  /^(?:\d+ duplicate reports? for )?Sandbox: (.+?)\((\d+)\) deny(?:\(\d+\))? ([a-z][a-z0-9*-]*)(?: ([^\n]*))?\n(.*)$/s;

/** The filter for `log stream` that finds the denials which carry a tag. */
export function denialPredicate(tag: string): string {
  return `sender == "Sandbox" AND eventMessage ENDSWITH "${tag.replace(/[\\"]/g, '')}"`;
}

/** Reads one line of `log stream --style ndjson`; null where it is no denial of the profile with that tag. */
export function parseDenial(line: string, tag: string): Denial | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = logLine.safeParse(json);
  if (!parsed.success) return null;
  const match = MESSAGE.exec(parsed.data.eventMessage);
  if (match === null || match[5]!.trim() !== tag) return null;
  const [, process, pid, operation, target = ''] = match as unknown as [string, string, string, string, string?];
  return { process, pid: Number(pid), operation, target: target.trim(), class: classOf(operation) };
}

function classOf(operation: string): EventClass {
  if (operation.startsWith('file-')) return 'file';
  if (operation.startsWith('network-')) return 'network';
  return 'process';
}
