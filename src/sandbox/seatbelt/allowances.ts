import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseYaml } from '../../yaml-text.js';

const reason = z.string().min(10);
const paths = z.array(z.strictObject({ paths: z.array(z.string().startsWith('/')).min(1), reason }));
const names = z.array(z.strictObject({ names: z.array(z.string().min(1)).min(1), reason }));

const allowancesSchema = z.strictObject({
  /** Mach services that may be looked up. */
  mach: z.array(z.strictObject({ name: z.string().min(1), reason })),
  sysctl: names,
  sysctlPrefixes: names,
  /** Files and folders that may be read. */
  read: paths,
  /** Files of which only existence and attributes may be seen. */
  metadata: paths,
  execute: paths,
  write: paths,
  ioctl: paths,
});

/** What every program in the seatbelt may do besides the files of its grant and the gateway; each with its reason. */
export type Allowances = z.output<typeof allowancesSchema>;

let loaded: Allowances | null = null;

/** Loads rules/seatbelt/allowances.yaml, once. */
export function loadAllowances(): Allowances {
  const file = fileURLToPath(new URL('../../../rules/seatbelt/allowances.yaml', import.meta.url));
  loaded ??= allowancesSchema.parse(parseYaml(readFileSync(file, 'utf8')));
  return loaded;
}
