import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defaultRulesFolder } from './default-rules.js';
import { readSegment } from './verdict-record.js';

const headerSchema = z.object({
  format: z.literal('safe-install-shipped-verdicts'),
  /** Day on which they were made, `YYYY-MM-DD`. */
  date: z.string(),
  /** Engine and rules that made them. */
  verdictKey: z.string(),
});
const MAX_HEADER = 4096;

/** The file of verdicts on well-known large packages that comes with this package (`scripts/shipped-verdicts`); null without one. */
export function shippedFile(): string | null {
  const file = join(dirname(defaultRulesFolder()), 'verdicts', 'shipped.jsonl');
  return existsSync(file) ? file : null;
}

/** The records of such a file where this very engine and these rules made them; else none. */
export function readShipped(file: string, engineAndRules: string): Map<string, string> {
  const header = readHeader(file);
  return header?.verdictKey === engineAndRules ? readSegment(file).entries : new Map();
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
