import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, Func, Native, Obj, UNDEFINED, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { hear, say } from '../outside/messages.js';

/** What subscribers give to be told: a function, or an object with `next`. */
function told(observer: Value | undefined): Value | undefined {
  if (observer === undefined || observer.kind === 'func') return observer;
  const next = observer instanceof Obj && !(observer instanceof Api) ? observer.own('next') : undefined;
  return next?.kind === 'func' ? next : undefined;
}

const subscribe: Model = (I, call) => {
  const { self } = call;
  const listener = told(call.args[0]);
  if (!(self instanceof Api)) return undefined;
  if (listener !== undefined)
    hear(I, self, (value) => void callFunction(I, listener, UNDEFINED, [value], call.node, call.frame));
  const source = self.own('@@source');
  if (source instanceof Func) {
    const subscriber = subscriberOf(I, self);
    I.later(() => void callFunction(I, source, UNDEFINED, [subscriber], call.node, call.frame));
  }
  return undefined;
};

function subscriberOf(I: Interpreter, stream: Api): Obj {
  const made = I.object();
  made.props.set('next', new Native(([value]) => (value === undefined ? UNDEFINED : put(I, stream, value))));
  for (const name of ['error', 'complete', 'add', 'unsubscribe']) made.props.set(name, new Native(() => UNDEFINED));
  return made;
}

function put(I: Interpreter, stream: Api, value: Value): Value {
  say(I, stream, value);
  return UNDEFINED;
}

const next: Model = (I, call) => {
  if (!(call.self instanceof Api) || call.args[0] === undefined) return undefined;
  return put(I, call.self, call.args[0]);
};

function made(I: Interpreter, call: Call): Api {
  const stream = new Api(`${call.path}()`);
  stream.depth = I.journals.depth;
  const [first] = call.args;
  if (first instanceof Func) stream.props.set('@@source', first);
  else if (first !== undefined) say(I, stream, first);
  return stream;
}

const SUBJECTS = ['Subject', 'BehaviorSubject', 'ReplaySubject', 'AsyncSubject', 'Observable'].map(
  (name) => `rxjs.${name}`,
);
const STORES = ['svelte/store.writable', 'nanostores.atom'];

/** Models of what tells its subscribers what it is given. */
export const OBSERVABLES: [string, Model][] = [
  ...[...SUBJECTS, ...STORES].flatMap((path): [string, Model][] => [
    [path, made],
    [`${path}().subscribe`, subscribe],
    [`${path}().next`, next],
    [`${path}().set`, next],
    // Operators change what comes through, not where it comes from.
    [`${path}().pipe`, (_I, call) => call.self],
    [`${path}().asObservable`, (_I, call) => call.self],
  ]),
];
