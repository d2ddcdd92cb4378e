import { posix } from 'node:path';
import { textOf } from '../package-files.js';
import { HOLE, type ScanContext } from '../task.js';

/** Values of gyp variables by name, as far as files of the package give them. */
export type GypVariables = ReadonlyMap<string, string>;

const MAX_FILES = 20;
const MAX_ROUNDS = 6;
const PAIR =
  /(["'])([\w-]+)[%]?\1\s*:\s*(?:((["'])(?:\\.|(?!\4)[^\\])*\4(?:\s*(["'])(?:\\.|(?!\5)[^\\])*\5)*)|\[((?:\s*(["'])(?:\\.|(?!\7)[^\\])*\7\s*,?)*)\s*\])/g;
const STRING = /(["'])((?:\\.|(?!\1)[^\\])*)\1/g;

/** Every variable that gyp files in a folder of the package and below give a text or a list of texts; the first one counts. */
export function gypVariables(file: string, context: ScanContext): GypVariables {
  const found = new Map<string, string>([
    ['python', 'python'],
    ['node', 'node'],
  ]);
  const own = posix.dirname(file);
  const paths = [...context.files.files.keys()].filter(
    (path) => /\.gypi?$/.test(path) && !path.includes('node_modules/'),
  );
  paths.sort((a, b) => Number(posix.dirname(b) === own) - Number(posix.dirname(a) === own));
  const named = new Set<string>();
  for (const path of paths.slice(0, MAX_FILES)) {
    const text = textOf(context.files.files.get(path) ?? new Uint8Array());
    for (const match of text.matchAll(PAIR)) {
      const name = match[2] ?? '';
      const texts = [...(match[3] ?? match[6] ?? '').matchAll(STRING)].map(([, , body = '']) =>
        body.replace(/\\(["'\\])/g, '$1'),
      );
      if (named.has(name)) continue;
      named.add(name);
      found.set(name, texts.join(match[3] === undefined ? ' ' : ''));
    }
  }
  return found;
}

/** A text with its variables put in; what no file of the package defines is not known. */
export function expanded(text: string, variables: GypVariables): string {
  let plain = text;
  for (let round = 0; round < MAX_ROUNDS && /[<>^]@?\([\w-]+\)/.test(plain); round += 1)
    plain = plain.replace(/[<>^]@?\(([\w-]+)\)/g, (_whole, name: string) => {
      const value = variables.get(name);
      return value === undefined || value.includes(`(${name})`) ? HOLE : value;
    });
  return plain.replace(/[<>^]@?\(([\w-]+)\)/g, HOLE);
}
