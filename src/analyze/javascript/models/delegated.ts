import type * as t from '@babel/types';
import type { Interpreter } from '../interpreter/interpreter.js';
import { constantText, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { isCallable } from './lasting.js';

const OF_JQUERY = /^(?:jQuery|\$)\(\)\.on$/;
const TYPED = /^(?:submit|input|change|key(?:down|up|press)|paste|blur|focusout)(?:\.[\w.-]*)?$/;
const MOST_EVENTS = 6;
/** Fields and forms of any page, not those of a component. */
const ANY_FIELD =
  /^(?:form\s+)?(?:form|:?input|textarea|select|:password|\*)(?:\[(?:type|name|autocomplete)[^\]]*\]|:[\w-]+(?:\([^)]*\))?)*(?:\s*,\s*(?:form|:?input|textarea|select)(?:\[(?:type|name)[^\]]*\])?)*$/i;

/** What is called: `on(event, handler)`, and jQuery's `on(event, selector, data, handler)`. */
export function handlerOf({ args }: Call): Value | undefined {
  const [, second, ...others] = args;
  return second === undefined || isCallable(second) ? second : (others.findLast(isCallable) ?? second);
}

/** What a handler of jQuery gets as event and as `this` where it hears all forms or fields of a page; null where it hears some. */
export function typedAnywhere(I: Interpreter, call: Call): Value | null {
  if (!OF_JQUERY.test(call.path)) return null;
  const events = (constantText(call.args[0]) ?? '').split(/\s+/).slice(0, MOST_EVENTS);
  if (!events.some((each) => TYPED.test(each)) || !isAnywhere(call)) return null;
  const source = events.some((each) => each.startsWith('key')) ? 'input.keys' : 'input.form';
  return unknown(I.source(source, call.path, call.node, call.frame.file));
}

function isAnywhere({ args, node }: Call): boolean {
  const selector = constantText(args[1] ?? UNDEFINED);
  if (selector !== null) return ANY_FIELD.test(selector.trim());
  const first = collected(node);
  if (first?.type === 'Identifier') return /^(?:document|window)$/.test(first.name);
  return first?.type === 'StringLiteral' && ANY_FIELD.test(first.value.trim());
}

/** The argument of `$` in `$(…).on(…)`. */
function collected(node: t.Node | null): t.Node | undefined {
  if (node?.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  const { object } = node.callee;
  return object.type === 'CallExpression' ? object.arguments[0] : undefined;
}
