import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const line = z.object({ key: z.string(), value: z.unknown() });

/** What a bench has measured already, kept on disk after each run: one that was broken off goes on where it stopped. */
export interface Journal {
  get<Value>(key: string, schema: z.ZodType<Value>): Value | undefined;
  put(key: string, value: unknown): void;
}

/** Opens a journal; without `resume` it begins empty. A line that was cut off by the break is passed over. */
export function openJournal(file: string, resume: boolean): Journal {
  mkdirSync(dirname(file), { recursive: true });
  if (!resume) writeFileSync(file, '');
  const known = new Map<string, unknown>();
  for (const text of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const parsed = line.safeParse(parseJson(text));
    if (parsed.success) known.set(parsed.data.key, parsed.data.value);
  }
  return {
    get: (key, schema) => {
      const parsed = schema.safeParse(known.get(key));
      return parsed.success ? parsed.data : undefined;
    },
    put: (key, value) => {
      known.set(key, value);
      appendFileSync(file, `${JSON.stringify({ key, value })}\n`);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
