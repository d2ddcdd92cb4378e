import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceEntry } from '../../model.js';
import { filterEnvironment } from '../environment.js';
import { NEVER, SECRET_NAME, SECRET_VALUE } from '../environment-names.js';
import { isWithin } from '../toolchain.js';
import type { Lesson, Wish } from './lesson.js';

const MAX_FILE = 2 * 1024 * 1024;
const MAX_FILES = 200;

/** Ways in which JavaScript and shells name a variable of the environment. */
const NAMED = [
  /\bprocess\.env\.([A-Za-z_]\w*)/g,
  /\bprocess\.env\[\s*['"`]([A-Za-z_]\w*)['"`]\s*\]/g,
  /\$\{?([A-Z_][A-Z0-9_]*)/g,
];
const TAKEN_APART = /\{([^{}]*)\}\s*=\s*process\.env\b/g;

/** Names of environment variables that a text names. */
export function variablesNamed(text: string): string[] {
  const found = NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!));
  const apart = [...text.matchAll(TAKEN_APART)].flatMap((match) =>
    match[1]!.split(',').map((part) => /^\s*([A-Za-z_]\w*)/.exec(part)?.[1] ?? ''),
  );
  return [...new Set([...found, ...apart])].filter((name) => name !== '');
}

function textOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MAX_FILE) return '';
  const bytes = readFileSync(file);
  return bytes.includes(0) ? '' : bytes.toString('utf8');
}

/**
 * Names of variables that a script's command names, and the files of its own package that it read (without a trace, those
 * that the command names). Looked for while the package is there: an install that fails takes it back.
 */
export function variablesOfRun(command: string, folder: string, entries: readonly TraceEntry[]): string[] {
  const read = entries.filter(
    ({ what, error, target }) => what === 'read' && error === null && isWithin(target, folder),
  );
  const named = command.split(/[\s;&|"']+/).map((word) => join(folder, word));
  const files = [...new Set([...read.map(({ target }) => target), ...named])].filter((file) => isWithin(file, folder));
  return [...new Set([command, ...files.slice(0, MAX_FILES).map(textOf)].flatMap(variablesNamed))].sort();
}

const isNever = (name: string) =>
  NEVER.some(([pattern]) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));

/** Variables that the installer has, the scripts name, and the sandbox kept from them. */
export function learnVariables(lesson: Lesson): { proposed: Wish[]; refused: Wish[] } {
  const env = Object.fromEntries(
    Object.entries(lesson.env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const passed = filterEnvironment(env, lesson.granted);
  const named = new Set(lesson.runs.flatMap(({ trace }) => trace?.variables ?? []));
  const wanted = [...named].filter((name) => name in env && !(name in passed)).sort();
  const proposed: Wish[] = [];
  const refused: Wish[] = [];
  for (const value of wanted) {
    // The sandbox sets these itself.
    if (['HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(value)) continue;
    const why = isNever(value)
      ? 'changes which code runs'
      : SECRET_NAME.test(value) || SECRET_VALUE.test(env[value]!)
        ? 'looks like a secret: grant it by hand if you must'
        : null;
    if (why === null) proposed.push({ kind: 'env', value, why: 'named by its code, set here' });
    else refused.push({ kind: 'env', value, why });
  }
  return { proposed, refused };
}
