import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Api, Func, type Value } from '../interpreter/value.js';
import { bareText } from '../reach/prefilter.js';

const MAX_REPLACED = 400;
/** Where plugins of a library put methods of their own, and what every object has. */
const OWN_PLACE = /^(?:fn|prototype|exports)$/;
const OF_ALL = /^(?:toString|toJSON|valueOf|inspect|constructor|then)$/;

/**
 * A method of something that others handed over which is replaced by one that goes on to it: from now on everybody who calls it
 * passes through the package. `const use = app.use; app.use = function () { …; return use.apply(this, arguments) }`.
 */
export function noteWrapped(
  I: Interpreter,
  target: Value,
  key: string | null,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  if (!(value instanceof Func) || value.isClass || I.replaced.size >= MAX_REPLACED || !isOthers(target)) return;
  if (key !== null && OF_ALL.test(key)) return;
  const variable = variableOf(node);
  const code = bareText(I.loader, frame.file);
  const isKept =
    (key !== null && isReadToo(code, key, false)) || (variable !== null && isReadToo(code, variable, true));
  if (!isKept) return;
  I.replaced.set(`?.${key ?? '*'} ${frame.file}:${node?.loc?.start.line ?? 1}`, value);
}

function isOthers(target: Value): boolean {
  if (target.kind !== 'unknown' && !(target instanceof Api && target.path.startsWith('?.'))) return false;
  if (target instanceof Api && OWN_PLACE.test(target.path.slice(2))) return false;
  return (
    target.taints?.some(({ source }) => source === 'param' || source === 'given' || source === 'param.intercepted') ??
    false
  );
}

/** `target[name] = …` */
function variableOf(node: t.Node | null): string | null {
  const left = node?.type === 'AssignmentExpression' ? node.left : node;
  return left?.type === 'MemberExpression' && left.computed && left.property.type === 'Identifier'
    ? left.property.name
    : null;
}

/** Whether what is replaced is also read, without calling it there: kept to go on to it. */
function isReadToo(code: string, name: string, computed: boolean): boolean {
  const word = name.replace(/[^\w]/g, '\\$&');
  const member = computed ? `\\[\\s*${word}\\s*\\]` : `(?:\\.\\s*${word}\\b|\\[\\s*['"\`]${word}['"\`]\\s*\\])`;
  const read = new RegExp(
    `${member}\\s*(?:[;,)\\n?:]|\\|\\||&&|\\.\\s*(?:bind|call|apply)\\b|\\?\\.\\s*(?:bind|call|apply)\\b)${computed ? '' : `|[{,]\\s*${word}\\b[^;{}()]{0,80}\\}\\s*=[^=]`}`,
  );
  return read.test(code);
}
