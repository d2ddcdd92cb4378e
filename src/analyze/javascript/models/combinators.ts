import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { setByValue } from '../interpreter/property-writes.js';
import { constantText, Func, knownText, Native, Obj, prim, UNDEFINED, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';

const LODASHES = ['lodash', 'lodash-es', 'lodash/fp', 'underscore'];

/** One function of several, each of which gets what the one before it gives. */
function composed(fromRight: boolean): Model {
  return (I, call) => {
    const [first] = call.args;
    const given = first instanceof Obj && first.elements !== null ? first.elements : call.args;
    if (given.length === 0 || !given.every((each) => each.kind === 'func' || each.kind === 'api')) return undefined;
    const steps = fromRight ? [...given].reverse() : [...given];
    return new Native((args) => {
      let value: Value[] = args;
      for (const step of steps) value = [callFunction(I, step, UNDEFINED, value, call.node, call.frame)];
      return value[0] ?? UNDEFINED;
    });
  };
}

/** The function itself, only called less often or later. */
const theSame: Model = (_I, call) => (call.args[0]?.kind === 'func' ? call.args[0] : undefined);

/** `set(object, 'a.b', value)` */
const setDeep: Model = (I, call) => {
  const [target, path, value] = call.args;
  const keys = keysOf(path);
  if (!(target instanceof Obj) || target.kind !== 'obj' || keys === null || value === undefined) return undefined;
  let at: Obj = target;
  for (const key of keys.slice(0, -1)) {
    const known = at.own(key);
    const inner = known instanceof Obj ? known : I.object();
    if (inner !== known) setByValue(I, at, prim(key), inner, call.node as never, call.frame);
    at = inner;
  }
  setByValue(I, at, prim(keys.at(-1) ?? ''), value, call.node as never, call.frame);
  return target;
};

function keysOf(path: Value | undefined): string[] | null {
  const shown = constantText(path);
  if (shown !== null) return shown.split(/[.[\]]+/).filter((key) => key !== '');
  if (!(path instanceof Obj) || path.elements === null || path.elements.length === 0) return null;
  const keys = path.elements.map((each) => knownText(each));
  return keys.every((key) => key !== null) ? keys : null;
}

/** `queue(worker)`: what is pushed is what the worker gets. */
const queue: Model = (I, call) => {
  const worker = call.args.find((each) => each instanceof Func);
  if (worker === undefined) return undefined;
  const made = I.object();
  const push = new Native((tasks) => pushed(I, call, worker, tasks));
  for (const name of ['push', 'unshift', 'pushAsync']) made.props.set(name, push);
  made.rest = { kind: 'unknown', taints: null };
  return made;
};

function pushed(I: Interpreter, call: Call, worker: Value, [task]: Value[]): Value {
  const tasks = task instanceof Obj && task.elements !== null ? task.elements : task === undefined ? [] : [task];
  for (const each of tasks)
    I.later(() => void callFunction(I, worker, UNDEFINED, [each, new Native(() => UNDEFINED)], call.node, call.frame));
  return I.settled(UNDEFINED);
}

/** Models of libraries that make functions of functions, and of what sets a field by a path. */
export const COMBINATORS: [string, Model][] = [
  ...['ramda.pipe', 'rambda.pipe', 'remeda.createPipe', ...LODASHES.map((name) => `${name}.flow`)].map(
    (path): [string, Model] => [path, composed(false)],
  ),
  ...['ramda.compose', 'redux.compose', 'underscore.compose', ...LODASHES.map((name) => `${name}.flowRight`)].map(
    (path): [string, Model] => [path, composed(true)],
  ),
  ...LODASHES.flatMap((name) =>
    ['debounce', 'throttle', 'once', 'memoize', 'unary'].map((method): [string, Model] => [
      `${name}.${method}`,
      theSame,
    ]),
  ),
  ...[
    'lodash.debounce',
    'lodash.throttle',
    'lodash.once',
    'debounce',
    'throttleit',
    'once',
    'mem',
    'util.deprecate',
  ].map((path): [string, Model] => [path, theSame]),
  ...[
    ...LODASHES.map((name) => `${name}.set`),
    'lodash.set',
    'object-path.set',
    'dot-prop.setProperty',
    'dot-prop.set',
  ].map((path): [string, Model] => [path, setDeep]),
  ...['async.queue', 'fastq', 'fastq.promise', 'better-queue'].map((path): [string, Model] => [path, queue]),
];
