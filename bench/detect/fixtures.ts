import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Sample } from './sample.js';

const root = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Shape of a fixture's expect.yaml. */
export const expectationSchema = z.strictObject({
  technique: z.string(),
  family: z.string(),
  phase: z.enum(['install', 'import', 'bin', 'metadata']),
  verdict: z.array(z.enum(['allow', 'review', 'block'])).nonempty(),
  rules: z.array(z.string()),
});

/** All fixtures of one side, by id. */
export async function fixtures(side: 'malicious' | 'benign'): Promise<Sample[]> {
  const ids = (await readdir(join(root, side))).toSorted();
  return Promise.all(
    ids.map(async (id) => {
      const folder = join(root, side, id);
      const expected = expectationSchema.parse(parse(await readFile(join(folder, 'expect.yaml'), 'utf8')));
      return {
        set: side === 'malicious' ? 'malicious' : 'look-alike',
        id,
        path: join(folder, 'package'),
        kind: 'folder',
        phase: expected.phase,
        family: expected.family,
        right: expected.verdict,
      } satisfies Sample;
    }),
  );
}
