import { extname, posix } from 'node:path';
import { encodeStrings, splitStrings, stringTable } from './literals.js';
import { aliasGlobals, computedMembers, indirectCalls } from './members.js';
import { name, pick, type Random, seededRandom } from './random.js';
import { minified, obfuscated, renameAll } from './rewriters.js';
import { readSource } from './source-edits.js';
import { wrapInAsync, wrapInCallback, wrapInClass } from './wrappers.js';

export type Files = ReadonlyMap<string, Uint8Array>;

/** A fixture rewritten, with the names of what was done to it. */
export interface Mutant {
  files: Files;
  steps: string[];
}

type Rewrite = (code: string, random: Random) => string | Promise<string>;

const REWRITES: Record<string, Rewrite> = {
  renameAll,
  splitStrings,
  encodeStrings,
  stringTable,
  computedMembers,
  aliasGlobals,
  indirectCalls,
  wrapInAsync,
  wrapInCallback,
  wrapInClass,
  minified,
  obfuscated,
};
const STEPS = [...Object.keys(REWRITES), 'splitIntoFiles'];

/** The JavaScript files of a package that can be rewritten. */
export function scripts(files: Files): string[] {
  return [...files.keys()].filter((path) => ['.js', '.cjs', '.mjs'].includes(extname(path)));
}

/**
 * The mutant of a package with this number: one to three rewrites, the first of them each kind in turn; the same seed and
 * number give the same mutant. A rewrite that a file's syntax does not allow leaves that file as it is.
 */
export async function mutant(files: Files, seed: string, number: number): Promise<Mutant> {
  const random = seededRandom(`${seed}/${number}`);
  const first = STEPS[number % STEPS.length] ?? 'renameAll';
  const wanted = [first, ...Array.from({ length: Math.floor(random() * 3) }, () => pick(random, STEPS))];
  const order = [...new Set(wanted)].toSorted((a, b) => weight(a) - weight(b));
  let current = new Map(files);
  const steps: string[] = [];
  for (const step of order) {
    const next = step === 'splitIntoFiles' ? splitIntoFiles(current, random) : await rewriteAll(current, step, random);
    if (next === null) continue;
    current = next;
    steps.push(step);
  }
  return { files: current, steps };
}

// Minifiers and obfuscators come last, or they would undo the others.
function weight(step: string): number {
  return step === 'obfuscated' ? 2 : step === 'minified' || step === 'renameAll' ? 1 : 0;
}

async function rewriteAll(files: Files, step: string, random: Random): Promise<Map<string, Uint8Array> | null> {
  const next = new Map(files);
  let changed = false;
  for (const path of scripts(files)) {
    const code = Buffer.from(files.get(path) ?? '').toString('utf8');
    const rewritten = await attempt(REWRITES[step], code, random);
    if (rewritten === null || rewritten === code) continue;
    next.set(path, Buffer.from(rewritten));
    changed = true;
  }
  return changed ? next : null;
}

async function attempt(rewrite: Rewrite | undefined, code: string, random: Random): Promise<string | null> {
  try {
    const rewritten = await rewrite?.(code, random);
    if (rewritten === undefined) return null;
    readSource(rewritten);
    return rewritten;
  } catch {
    return null;
  }
}

function splitIntoFiles(files: Files, random: Random): Map<string, Uint8Array> | null {
  const next = new Map(files);
  for (const path of scripts(files)) {
    const code = Buffer.from(files.get(path) ?? '').toString('utf8');
    if (code.trim() === '' || /\b__filename\b|require\.main/.test(code)) continue;
    const inner = `${name(random)}${extname(path)}`;
    const module = isModule(code);
    next.set(posix.join(posix.dirname(path), inner), Buffer.from(code.replace(/^#!.*\n/, '')));
    const shebang = /^#!.*\n/.exec(code)?.[0] ?? '';
    const door = module ? `export * from './${inner}';\n` : `module.exports = require('./${inner}');\n`;
    next.set(path, Buffer.from(shebang + door));
  }
  return next;
}

function isModule(code: string): boolean {
  try {
    return readSource(code).module;
  } catch {
    return false;
  }
}
