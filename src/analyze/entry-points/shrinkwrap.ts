import { z } from 'zod';
import { factAt } from '../fact.js';
import type { Fact } from '../observation.js';
import { textOf } from '../package-files.js';
import type { ScanContext } from '../task.js';

const entry = z.object({
  resolved: z.string().optional().catch(undefined),
  integrity: z.string().optional().catch(undefined),
});
interface Nested extends z.infer<typeof entry> {
  dependencies?: Record<string, Nested> | undefined;
}
const nested: z.ZodType<Nested> = entry.extend({
  dependencies: z
    .lazy(() => z.record(z.string(), nested))
    .optional()
    .catch(undefined),
});
const lockfile = z.object({
  packages: z.record(z.string(), entry).catch({}).default({}),
  dependencies: z.record(z.string(), nested).catch({}).default({}),
});

/** Places whose addresses name a repository or archive of the author's choice, which `remote-dependency` is about. */
const FORGE = /(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org)$/;
/** Public registries have such names. */
const REGISTRY = /^registry\.[a-z]+\.(?:org|com)$/;
const MOST = 20;

/** Entries of the lockfile that a package publishes which come from another host than most of them do. */
export function shrinkwrapFacts(context: ScanContext): Fact[] {
  const path = context.root === '' ? 'npm-shrinkwrap.json' : `${context.root}/npm-shrinkwrap.json`;
  const bytes = context.files.files.get(path);
  const entries = bytes === undefined ? [] : entriesOf(textOf(bytes));
  const hosts = new Map<string, number>();
  for (const { host } of entries) hosts.set(host, (hosts.get(host) ?? 0) + 1);
  const usual = [...hosts].sort((a, b) => b[1] - a[1])[0]?.[0];
  return entries
    .filter(({ host }) => (host !== usual || isAddress(host)) && !FORGE.test(host) && !REGISTRY.test(host))
    .slice(0, MOST)
    .map(({ name, resolved, integrity }) =>
      factAt(
        'shrinkwrap.elsewhere',
        `${name} comes from ${resolved.slice(0, 160)} ${integrity === undefined ? 'without' : 'with'} an integrity`,
        { file: path, line: 0 },
      ),
    );
}

interface Resolved {
  name: string;
  host: string;
  resolved: string;
  integrity: string | undefined;
}

function entriesOf(text: string): Resolved[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const parsed = lockfile.safeParse(json);
  if (!parsed.success) return [];
  const found: Resolved[] = [];
  const add = (name: string, { resolved, integrity }: z.infer<typeof entry>): void => {
    const host = resolved === undefined || !/^https?:/i.test(resolved) ? null : hostOf(resolved);
    if (resolved !== undefined && host !== null) found.push({ name, host, resolved, integrity });
  };
  const walk = (table: Record<string, Nested>, depth: number): void => {
    for (const [name, each] of Object.entries(table)) {
      add(name, each);
      if (each.dependencies !== undefined && depth < 20) walk(each.dependencies, depth + 1);
    }
  };
  for (const [folder, each] of Object.entries(parsed.data.packages)) add(folder.replace(/^.*node_modules\//, ''), each);
  if (found.length === 0) walk(parsed.data.dependencies, 0);
  return found;
}

function hostOf(address: string): string | null {
  try {
    return new URL(address).hostname;
  } catch {
    return null;
  }
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$|^\[/.test(host) && !/^127\./.test(host);
}
