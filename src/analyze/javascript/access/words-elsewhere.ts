import type * as t from '@babel/types';
import type { ModuleLoader } from '../modules/modules.js';
import { parseText } from '../parsing/parse.js';
import { Constants, type Texts } from './constants.js';
import { lastName, plain } from './syntax.js';
import { holdsUnguessable } from './word-shapes.js';

const LARGEST = 20_000;
const LOADS = /(?:\brequire\s*\(\s*|\bfrom\s*)(['"])(\.[^'"\n]{1,120})\1/g;

/** Small files that a file loads and in which a word stands that nobody guesses. */
export function wordFilesOf(loader: ModuleLoader, path: string, text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, , spec = ''] of text.matchAll(LOADS)) {
    if (found.has(spec)) continue;
    const file = loader.resolve(spec, path);
    const held = file === null || /\.(?:json|node)$/.test(file) ? null : loader.text(file);
    if (file !== null && held !== null && held.length <= LARGEST && holdsUnguessable(held)) found.set(spec, file);
  }
  return found;
}

/** What the names that a file takes from such files stand for: `WORD`, or `settings.WORD` where it takes all of it. */
export function textsElsewhere(
  program: t.Program,
  files: ReadonlyMap<string, string>,
  loader: ModuleLoader,
): (name: string) => Texts | null {
  const known = new Map<string, Constants | null>();
  const taken = takenNames(program);
  return (name) => {
    const [first = '', member] = name.split('.');
    const from = taken.get(first);
    const file = from === undefined ? undefined : files.get(from.spec);
    const wanted = from?.name === '*' ? member : from?.name;
    if (file === undefined || wanted === undefined || (member !== undefined && from?.name !== '*')) return null;
    if (!known.has(file)) known.set(file, constantsOf(loader.text(file) ?? '', file));
    return known.get(file)?.exported(wanted) ?? null;
  };
}

function constantsOf(text: string, file: string): Constants | null {
  const parsed = parseText(text, file);
  return 'program' in parsed ? new Constants(parsed.program) : null;
}

interface Taken {
  spec: string;
  /** `*`: all that the file exports. */
  name: string;
}

function takenNames({ body }: t.Program): Map<string, Taken> {
  const taken = new Map<string, Taken>();
  for (const each of body) {
    if (each.type === 'ImportDeclaration')
      for (const specifier of each.specifiers)
        taken.set(specifier.local.name, {
          spec: each.source.value,
          name:
            specifier.type === 'ImportSpecifier'
              ? (lastName(specifier.imported) ?? '')
              : specifier.type === 'ImportDefaultSpecifier'
                ? 'default'
                : '*',
        });
    if (each.type === 'VariableDeclaration')
      for (const { id, init } of each.declarations) if (init) takeRequired(id, init, taken);
  }
  return taken;
}

function takeRequired(id: t.Node, init: t.Node, taken: Map<string, Taken>): void {
  const value = plain(init);
  const member = value.type === 'MemberExpression' ? lastName(value) : null;
  const call = value.type === 'MemberExpression' ? plain(value.object) : value;
  if (call.type !== 'CallExpression' || lastName(call.callee) !== 'require') return;
  const [first] = call.arguments;
  if (first?.type !== 'StringLiteral') return;
  const spec = first.value;
  if (id.type === 'Identifier') taken.set(id.name, { spec, name: member ?? '*' });
  if (id.type !== 'ObjectPattern' || member !== null) return;
  for (const each of id.properties)
    if (each.type === 'ObjectProperty' && each.value.type === 'Identifier')
      taken.set(each.value.name, { spec, name: lastName(each.key) ?? '' });
}
