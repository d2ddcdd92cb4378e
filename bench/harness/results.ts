import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const bench = fileURLToPath(new URL('..', import.meta.url));
const page = join(bench, 'RESULTS.md');

const spreadSchema = z.object({ median: z.number(), min: z.number(), max: z.number(), n: z.number() });

/** Kept numbers of one bench: what `bench/check.ts` compares a new run with. */
export const keptSchema = z.object({
  bench: z.string(),
  environment: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), spreadSchema.extend({ unit: z.string() })),
});
export type Kept = z.infer<typeof keptSchema>;

/** Replaces one bench's section of bench/RESULTS.md; the other sections stay as they are. */
export async function writeSection(name: string, markdown: string): Promise<void> {
  const start = `<!-- ${name}: start -->`;
  const end = `<!-- ${name}: end -->`;
  const section = `${start}\n${markdown.trim()}\n${end}`;
  const head = '# Measured\n\nEach section is written by its bench (`npm run bench`), and says when and where.\n';
  const text = existsSync(page) ? await readFile(page, 'utf8') : head;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  const next =
    from >= 0 && to > from
      ? text.slice(0, from) + section + text.slice(to + end.length)
      : `${text.trimEnd()}\n\n${section}\n`;
  await writeFile(page, next);
}

/** Where a bench's numbers are kept: bench/kept/<name>.json. */
export function keptFile(name: string): string {
  return join(bench, 'kept', `${name}.json`);
}

/** Keeps a bench's numbers, so that later runs can be compared with them. */
export async function writeKept(kept: Kept, file = keptFile(kept.bench)): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(keptSchema.parse(kept), null, 2)}\n`);
}

/** Reads kept numbers; null where there are none yet. */
export async function readKept(file: string): Promise<Kept | null> {
  if (!existsSync(file)) return null;
  return keptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
