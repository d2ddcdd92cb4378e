import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, join, Native, Obj, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { callbacks } from '../outside/api-calls.js';

/** What the setters of a component's states were given, by the call that makes the state: the next rendering sees it. */
const given = new WeakMap<Interpreter, Map<unknown, Value>>();

function statesOf(I: Interpreter): Map<unknown, Value> {
  const known = given.get(I);
  if (known !== undefined) return known;
  const made = new Map<unknown, Value>();
  given.set(I, made);
  return made;
}

function stateOf(I: Interpreter, call: Call, initial: Value): Value {
  const later = statesOf(I).get(call.node);
  return later === undefined ? join(initial, unknown(null)) : join(initial, later);
}

function keep(I: Interpreter, call: Call, value: Value): void {
  const states = statesOf(I);
  const before = states.get(call.node);
  states.set(call.node, before === undefined ? value : join(before, value));
}

function made(I: Interpreter, call: Call, value: Value | undefined): Value {
  if (value === undefined) return UNDEFINED;
  return value.kind === 'func' ? callFunction(I, value, UNDEFINED, [], call.node, call.frame) : value;
}

const useState: Model = (I, call) => {
  const state = stateOf(I, call, made(I, call, call.args[0]));
  const set = new Native(([next]) => {
    if (next === undefined) return UNDEFINED;
    keep(I, call, next.kind === 'func' ? callFunction(I, next, UNDEFINED, [state], call.node, call.frame) : next);
    return UNDEFINED;
  });
  return I.array([state, set]);
};

const useReducer: Model = (I, call) => {
  const [reducer, initial, make] = call.args;
  const first =
    make?.kind === 'func'
      ? callFunction(I, make, UNDEFINED, [initial ?? UNDEFINED], call.node, call.frame)
      : (initial ?? UNDEFINED);
  const state = stateOf(I, call, first);
  const dispatch = new Native(([action]) => {
    if (reducer !== undefined)
      keep(I, call, callFunction(I, reducer, UNDEFINED, [state, action ?? UNDEFINED], call.node, call.frame));
    return UNDEFINED;
  });
  return I.array([state, dispatch]);
};

function box(I: Interpreter, name: string, value: Value): Obj {
  const object = I.object();
  object.props.set(name, value);
  return object;
}

/** A box that is empty at first: the framework puts an element in. */
function reference(name: string): Model {
  return (I, call) => {
    const first = call.args[0] ?? UNDEFINED;
    const isEmpty = first.kind === 'prim' && (first.value === null || first.value === undefined);
    return box(I, name, isEmpty ? join(first, new Api(`${call.path}().${name}`)) : first);
  };
}

const itself: Model = (_I, call) => call.args[0] ?? UNDEFINED;

const computed: Model = (I, call) => {
  const [source] = call.args;
  const get = source instanceof Obj && source.kind === 'obj' ? source.own('get') : source;
  return box(I, 'value', get === undefined || get.kind === 'accessor' ? unknown(null) : made(I, call, get));
};

const effect: Model = (I, call) => {
  callbacks(I, call, null, null);
  return UNDEFINED;
};

const HOOKS: [string, Model][] = [
  ['useState', useState],
  ['useReducer', useReducer],
  ['useMemo', (I, call) => made(I, call, call.args[0])],
  ['useCallback', itself],
  ['useEffectEvent', itself],
  ['useRef', reference('current')],
  ['useSyncExternalStore', (I, call) => made(I, call, call.args[1])],
  ['useEffect', effect],
  ['useLayoutEffect', effect],
  ['memo', itself],
  ['forwardRef', itself],
];

/** Models of what components of pages are made with: hooks of React and its kin, references of Vue. */
export const COMPONENTS: [string, Model][] = [
  ...['react', 'React', 'preact/hooks', 'preact/compat'].flatMap((from) =>
    HOOKS.map(([name, model]): [string, Model] => [`${from}.${name}`, model]),
  ),
  ...['vue', 'Vue', '@vue/reactivity', 'vue-demi'].flatMap((from): [string, Model][] => [
    ...['ref', 'shallowRef', 'customRef'].map((name): [string, Model] => [`${from}.${name}`, reference('value')]),
    ...['reactive', 'shallowReactive', 'readonly', 'markRaw', 'toRaw', 'defineComponent'].map(
      (name): [string, Model] => [`${from}.${name}`, itself],
    ),
    [`${from}.computed`, computed],
  ]),
];
