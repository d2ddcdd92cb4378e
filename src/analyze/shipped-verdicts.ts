import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defaultRulesFolder } from './default-rules.js';

const headerSchema = z.object({
  format: z.literal('safe-install-shipped-verdicts'),
  /** Day on which they were made, `YYYY-MM-DD`. */
  date: z.string(),
  /** Engine and rules that made them. */
  verdictKey: z.string(),
});
const MAX_HEADER = 4096;
const NEWLINE = 10;

/** The file of verdicts on well-known large packages that comes with this package (`scripts/shipped-verdicts`); null without one. */
export function shippedFile(): string | null {
  const file = join(dirname(defaultRulesFolder()), 'verdicts', 'shipped.jsonl');
  return existsSync(file) ? file : null;
}

/** Records that are looked for one by one. */
export interface Records {
  get(key: string): string | undefined;
}

/** The records of such a file where this very engine and these rules made them; else none. */
export function readShipped(file: string, engineAndRules: string): Records {
  const header = readHeader(file);
  return header?.verdictKey === engineAndRules ? sortedRecords(readFileSync(file)) : new Map<string, string>();
}

// The lines after the first are sorted, and an install asks for a hundred of thousands: they are never all decoded.
function sortedRecords(bytes: Buffer): Records {
  const first = bytes.indexOf(NEWLINE) + 1;
  return {
    get(key) {
      const start = Buffer.from(`{"key":"${key}"`);
      let [low, high] = [first, bytes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const from = Math.max(bytes.lastIndexOf(NEWLINE, middle - 1) + 1, low);
        const newline = bytes.indexOf(NEWLINE, middle);
        const to = newline === -1 ? bytes.length : newline;
        const order = Buffer.compare(bytes.subarray(from, Math.min(from + start.length, to)), start);
        if (order === 0) return bytes.toString('utf8', from, to);
        if (order < 0) low = to + 1;
        else high = from;
      }
      return undefined;
    },
  };
}

/** What the first line of the file says; null where it is no such file. */
export function readHeader(file: string): z.infer<typeof headerSchema> | null {
  try {
    const bytes = Buffer.alloc(MAX_HEADER);
    const handle = openSync(file, 'r');
    const length = readSync(handle, bytes, 0, MAX_HEADER, 0);
    closeSync(handle);
    const parsed = headerSchema.safeParse(JSON.parse(bytes.toString('utf8', 0, length).split('\n')[0] ?? ''));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
