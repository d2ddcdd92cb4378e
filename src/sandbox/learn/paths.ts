import { lstatSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TraceEntry } from '../../model.js';
import { makeDecoys } from '../decoys.js';
import { PROTECTED_NAMES } from '../protected-names.js';
import { isWithin } from '../toolchain.js';
import type { Lesson, Wish } from './lesson.js';

/** Folders that every sandbox has one of its own of, or that say nothing about what a script needs. */
const OWN = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/proc', '/dev', '/sys', '/run'];

/** Names that hold credentials, wherever they stand. */
const SECRETS =
  /(?:^|\/)(?:\.env(?:\.[^/]*)?|\.git|\.netrc|\.pgpass|\.azure|\.password-store|\.mozilla|\.thunderbird|\.bitcoin|\.ethereum|\.[a-z]*_history|\.vault-token|id_(?:rsa|dsa|ecdsa|ed25519)[^/]*|[^/]+\.(?:pem|key|p12|pfx|kdbx|keystore))(?:\/|$)/i;

const PROTECTED = PROTECTED_NAMES.map(([name]) => name);
const PLANTED = makeDecoys('').files.map(({ path }) => path);

function names(path: string, list: readonly string[]): string | undefined {
  return list.find((name) => path.endsWith(`/${name}`) || path.includes(`/${name}/`));
}

/** True for a path that holds credentials, or decides what runs later. */
export function isSensitive(path: string): boolean {
  return SECRETS.test(path) || names(path, PROTECTED) !== undefined || names(path, PLANTED) !== undefined;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A path as a policy writes it: relative to the project, `~/…`, or absolute. */
export function portable(path: string, { project, home }: Pick<Lesson, 'project' | 'home'>): string {
  if (isWithin(path, project)) return relative(project, path) || '.';
  return isWithin(path, home) ? join('~', relative(home, path)) : path;
}

/** Where a path of the run stands for the project. */
function forProject(path: string, { ranIn, project }: Lesson): string {
  return isWithin(path, ranIn) ? join(project, relative(ranIn, path)) : path;
}

function isOwn(path: string, { folder, ranIn, project, home }: Lesson): boolean {
  if (!path.startsWith('/') || isWithin(path, folder) || OWN.some((place) => isWithin(path, place))) return true;
  return isWithin(path, '/tmp') && ![ranIn, project, home].some((place) => isWithin(path, place));
}

const REFUSALS = new Set(['ENOENT', 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR']);

/** Why a folder or file is too much to give, or null. */
function objection(path: string, lesson: Lesson): string | null {
  if (isSensitive(path)) return 'credentials, or a file that decides what runs later';
  if ([lesson.project, lesson.home].some((place) => isWithin(place, path)))
    return 'too wide: grant it by hand if you must';
  if (`${path}/`.includes('/node_modules/')) return 'belongs to another package';
  return null;
}

function outermost(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other !== path && isWithin(path, other)));
}

function sort(
  paths: Map<string, string>,
  kind: 'read' | 'write',
  lesson: Lesson,
): { proposed: Wish[]; refused: Wish[] } {
  const proposed: Wish[] = [];
  const refused: Wish[] = [];
  const against = new Map([...paths.keys()].map((path) => [path, objection(path, lesson)]));
  const open = outermost([...paths.keys()].filter((path) => against.get(path) === null));
  for (const path of [...paths.keys()].sort()) {
    const why = against.get(path) ?? null;
    const value = portable(path, lesson);
    if (why !== null) refused.push({ kind, value, why });
    else if (open.includes(path)) proposed.push({ kind, value, why: paths.get(path)! });
  }
  return { proposed, refused };
}

const told = ({ what, target, error }: TraceEntry) => `${what} ${target}: ${error}`;

/** True for what a script wrote into the folders around its own: they are private to the sandbox, and vanish with it. */
function isLost({ what, target, error }: TraceEntry, { ranIn }: Lesson): boolean {
  return error === null && (what === 'write' || what === 'make') && isWithin(target, ranIn) && target !== ranIn;
}

function noteWrite(entry: TraceEntry, lesson: Lesson, writes: Map<string, string>): void {
  const { what, target, error } = entry;
  // Its private HOME can be written: an error there is an answer, and no refusal.
  if (error === 'ENOENT' && isWithin(target, lesson.home)) return;
  const path = forProject(target, lesson);
  const folder = what === 'make' ? path : dirname(path);
  if (!writes.has(folder))
    writes.set(folder, error === null ? `${what} ${target}: lost with the sandbox` : told(entry));
}

/** Files and folders that scripts were refused, from their traces. */
export function learnPaths(lesson: Lesson): { proposed: Wish[]; refused: Wish[] } {
  const reads = new Map<string, string>();
  const writes = new Map<string, string>();
  for (const run of lesson.runs) {
    for (const entry of run.trace?.entries ?? []) {
      const { what, target, error } = entry;
      const met = error !== null && REFUSALS.has(error);
      if (isOwn(target, lesson) || (!met && !isLost(entry, lesson))) continue;
      if (what === 'write' || what === 'make') noteWrite(entry, lesson, writes);
      else if (what === 'read' || (what === 'look' && run.exitCode !== 0)) {
        const path = forProject(target, lesson);
        if (exists(path) && !`${path}/`.includes('/node_modules/') && !reads.has(path)) reads.set(path, told(entry));
      }
    }
  }
  const [read, write] = [sort(reads, 'read', lesson), sort(writes, 'write', lesson)];
  const covered = write.proposed.map(({ value }) => value);
  return {
    proposed: [...write.proposed, ...read.proposed.filter(({ value }) => !covered.includes(value))],
    refused: [...write.refused, ...read.refused],
  };
}

/** How many names below HOME make one cache, by the name it starts with. */
const CACHE_DEPTH: readonly [start: string, names: number][] = [
  ['.cache', 2],
  ['.config', 2],
  ['.local/share', 3],
  ['.local/state', 3],
  ['Library/Caches', 3],
];

/** Folders of the private HOME in which scripts wrote: they vanish, unless somebody grants them. */
export function learnCaches(lesson: Lesson): Wish[] {
  const found = new Map<string, Wish>();
  for (const { target, what, error } of lesson.runs.flatMap(({ trace }) => trace?.entries ?? [])) {
    if (error !== null || what !== 'write' || !isWithin(target, lesson.home) || isWithin(target, lesson.folder))
      continue;
    const parts = relative(lesson.home, target).split('/');
    const depth = CACHE_DEPTH.find(([start]) => isWithin(parts.join('/'), start))?.[1] ?? 1;
    // npm's cache is ours to give, and a file in HOME itself is no cache.
    if (parts.length <= depth || parts[0] === '.npm') continue;
    const folder = join(lesson.home, ...parts.slice(0, depth));
    const value = portable(folder, lesson);
    if (!isSensitive(folder) && !isWithin(lesson.project, folder)) {
      found.set(value, { kind: 'cache', value, why: 'written in the private HOME, and gone with it' });
    }
  }
  return [...found.values()];
}
