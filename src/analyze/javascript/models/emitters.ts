import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { copyInto } from '../interpreter/literals.js';
import { Api, constantText, Native, Obj, prim, UNDEFINED, unknown } from '../interpreter/value.js';
import type { Model } from '../outside/api-calls.js';
import { givenTo, parameter } from '../outside/api-calls.js';
import { answersIn } from '../outside/handed-back.js';
import { future } from './async.js';
import { messagesHeard } from './channels.js';
import { chunksHeard, isStream } from './chunks.js';
import { handlerOf, typedAnywhere } from './delegated.js';
import { isCallable, lasts } from './lasting.js';

/** Events of leaving, hiding and waiting, when what was collected is sent. */
const LAST_EVENTS =
  /^(?:exit|beforeExit|SIG[A-Z]+|disconnect|uncaughtException|pagehide|beforeunload|unload|visibilitychange|freeze|blur|online|offline|idle|focusout|close|finish|end|shutdown)$/;

/** Events of forms and fields, wherever in a page they are. */
const TYPED = /^(?:submit|input|change|key(?:down|up|press)|paste)$/;

/** Events of what went wrong. */
const FAILURES = /^(?:error|timeout|abort|aborted|unpipe)$/;

/** Registers a handler on an emitter of the sample or of the world. */
export const on: Model = (I, call) => {
  const [event] = call.args;
  const handler = handlerOf(call);
  if (handler === undefined || !isCallable(handler)) return call.self;
  const name = constantText(event);
  const self = call.self;
  if (self instanceof Api && name === 'message')
    messagesHeard(I, self, handler, call.path.endsWith('addEventListener'), call);
  if (name === 'data' && isStream(self)) chunksHeard(I, self, handler, call);
  if (name !== null && LAST_EVENTS.test(name))
    lasts(I, () => void callFunction(I, handler, self, [unknown(self.taints)], call.node, call.frame));
  if (self instanceof Api && self.path === 'process' && name !== null)
    handlersOf(I, self, name).elements?.push(handler);
  if (self instanceof Api && !self.path.startsWith('events')) {
    const base = self.path.startsWith('?.') ? (call.path.endsWith('addEventListener') ? 'document' : '?') : self.path;
    const row =
      name === null
        ? undefined
        : (I.models.events.get(`${base}|${name}`) ??
          I.models.events.get(`${base}|*`) ??
          (TYPED.test(name) && call.path.endsWith('addEventListener')
            ? I.models.events.get(`document|${name}`)
            : undefined));
    const params =
      row === undefined
        ? givenTo(I, handler, self.taints)
        : row.map((param) => parameter(I, call, param, self.target, self.taints));
    const typed = typedAnywhere(I, call);
    const run = () => {
      I.enteringHandler = handler.kind === 'func' && name !== 'end' && name !== 'close' && name !== 'finish';
      callFunction(I, handler, typed ?? self, typed === null ? params : [typed], call.node, call.frame);
      I.enteringHandler = false;
    };
    // Whoever resolves with nothing on a failure resolves with the answer otherwise.
    if (name !== null && FAILURES.test(name)) I.atLast(run);
    else I.later(run);
    return self;
  }
  if (self instanceof Obj) {
    const list = handlersOf(I, self, name ?? '*');
    list.elements?.push(handler);
    return self;
  }
  const row = I.models.events.get(`${call.path === '?.addEventListener' ? 'document' : '?'}|${name}`);
  const params = row?.map((param) => parameter(I, call, param, null, self.taints)) ?? givenTo(I, handler, self.taints);
  I.later(() => void callFunction(I, handler, self, params, call.node, call.frame));
  return self;
};

/** Handlers of whatever event comes, named by its first argument: socket.io's `onAny`. */
const onAny: Model = (I, call) => {
  const [handler] = call.args;
  if (handler === undefined || !isCallable(handler)) return call.self;
  const row = call.self instanceof Api ? I.models.events.get(`${call.self.path}|*`) : undefined;
  const given =
    row === undefined
      ? unknown(call.self.taints)
      : parameter(I, call, row[0] as string, call.self instanceof Api ? call.self.target : null, call.self.taints);
  I.later(() => void callFunction(I, handler, call.self, [given, given, given], call.node, call.frame));
  return call.self;
};

function handlersOf(I: Interpreter, emitter: Obj, name: string): Obj {
  const key = `@@on:${name}`;
  const known = emitter.props.get(key);
  if (known instanceof Obj) return known;
  const list = I.array([]);
  list.depth = emitter.depth;
  emitter.props.set(key, list);
  return list;
}

const emit: Model = (I, call) => {
  const [event, ...args] = call.args;
  const name = constantText(event);
  let isHeard = false;
  for (const [key, slot] of call.self instanceof Obj ? call.self.props : []) {
    if (!key.startsWith('@@on:') || !(slot instanceof Obj)) continue;
    if (name !== null && key !== `@@on:${name}` && key !== '@@on:*') continue;
    for (const handler of slot.elements ?? []) {
      isHeard ||= handler.kind === 'func';
      I.later(() => void callFunction(I, handler, call.self, args, call.node, call.frame));
    }
  }
  // Events that the package does not hear itself are there for its callers.
  if (!isHeard && (name === null || !FAILURES.test(name))) for (const each of args) answersIn(I, each);
  if (!(call.self instanceof Obj)) return undefined;
  if (call.self instanceof Api && call.self.path.startsWith('process')) return undefined;
  return prim(true);
};

/** `new CustomEvent(type, { detail })`. */
const makeEvent: Model = (I, call) => {
  const made = I.object('Event');
  const [type, options] = call.args;
  if (options instanceof Obj && !(options instanceof Api)) copyInto(I, made, options, call.node, call.frame);
  made.props.set('type', type ?? UNDEFINED);
  made.taints = options === undefined ? null : options.taints;
  return made;
};

const dispatch: Model = (I, call) => {
  const event = call.args[0];
  if (!(call.self instanceof Obj) || call.self instanceof Api) return undefined;
  const type = event instanceof Obj ? event.own('type') : undefined;
  const name = type === undefined || type.kind === 'accessor' ? unknown(null) : type;
  return emit(I, { ...call, args: [name, event ?? UNDEFINED] });
};
/** An emitter of the sample's own: handlers are kept by event name. */
function emitter(I: Interpreter): Obj {
  const made = I.object('EventEmitter');
  return made;
}

/** Models of emitters: handlers that are registered, and events that are told. */
export const EMITTERS: [string, Model][] = [
  ...['on', 'once', 'addListener', 'prependListener', 'addEventListener'].flatMap((name): [string, Model][] => [
    [`*.${name}`, on],
    [`?.${name}`, on],
    [`process.${name}`, on],
    [`process.stdin.${name}`, on],
    [`EventEmitter#${name}`, on],
    ...['document', 'window', 'process.stdout', 'process.stderr', 'document.body', 'window.document'].map(
      (base): [string, Model] => [`${base}.${name}`, on],
    ),
  ]),
  ...['onAny', 'prependAny'].flatMap((name): [string, Model][] => [
    [`*.${name}`, onAny],
    [`?.${name}`, onAny],
  ]),
  ['addEventListener', (I, call) => on(I, { ...call, self: new Api('document') })],
  ['*.emit', emit],
  ['?.emit', emit],
  ['EventEmitter#emit', emit],
  ['process.emit', emit],
  ...['Event', 'CustomEvent', 'MessageEvent'].map((name): [string, Model] => [name, makeEvent]),
  ['*.dispatchEvent', dispatch],
  ['?.dispatchEvent', dispatch],
  ['EventEmitter#dispatchEvent', dispatch],
  ['events', (I) => emitter(I)],
  ['EventTarget', (I) => emitter(I)],
  ...[
    'mitt',
    'tiny-emitter',
    'nanoevents.createNanoEvents',
    'eventemitter2',
    'eventemitter2.EventEmitter2',
    'emittery',
  ].map((path): [string, Model] => [path, (I) => emitter(I)]),
  [
    'events.once',
    (I, call) => {
      const made = future(I);
      on(I, {
        ...call,
        self: call.args[0] ?? UNDEFINED,
        args: [
          call.args[1] ?? UNDEFINED,
          new Native((args) => {
            I.settle(made, I.array(args));
            return UNDEFINED;
          }),
        ],
      });
      return made;
    },
  ],
];
