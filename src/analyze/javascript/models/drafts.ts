import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { copyInto } from '../interpreter/literals.js';
import { Native, Obj, UNDEFINED, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';

/** `produce(base, draft => { … })`: what the recipe makes of a copy, or gives instead of it; without a base a function of it. */
const produce: Model = (I, call) => {
  const [base, recipe] = call.args;
  if (base?.kind === 'func' && recipe?.kind !== 'func')
    return new Native((args) => drafted(I, call, args[0] ?? UNDEFINED, base, args.slice(1)));
  return recipe?.kind === 'func' ? drafted(I, call, base ?? UNDEFINED, recipe, []) : undefined;
};

function drafted(I: Interpreter, call: Call, base: Value, recipe: Value, more: Value[]): Value {
  let draft = base;
  if (base instanceof Obj && base.kind === 'obj' && base.cls === 'Object') {
    draft = I.object();
    copyInto(I, draft as Obj, base, call.node, call.frame);
  } else if (base instanceof Obj && base.elements !== null) draft = I.array([...base.elements]);
  const given = callFunction(I, recipe, UNDEFINED, [draft, ...more], call.node, call.frame);
  return given.kind === 'prim' && given.value === undefined ? draft : given;
}

/** `tap(value, fn)`: the function sees the value, which goes on; `thru` gives what the function does. */
const tap: Model = (I, call) => {
  const [value, fn] = call.args;
  if (value === undefined || fn?.kind !== 'func') return undefined;
  const given = callFunction(I, fn, UNDEFINED, [value], call.node, call.frame);
  return call.path.endsWith('tap') ? value : given;
};

/** Models of libraries that call a function on a value and give what becomes of it. */
export const DRAFTS: [string, Model][] = [
  ...['immer', 'immer.produce', 'immer.default', 'mutative.create', 'use-immer.produce'].map(
    (path): [string, Model] => [path, produce],
  ),
  ...['lodash', 'underscore', 'lodash-es'].flatMap((name): [string, Model][] => [
    [`${name}.tap`, tap],
    [`${name}.thru`, tap],
  ]),
];
