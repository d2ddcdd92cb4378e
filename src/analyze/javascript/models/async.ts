import type { Call, Model } from '../api-calls.js';
import { callbacks, givenTo, parameter } from '../api-calls.js';
import { callFunction } from '../calls.js';
import { awaited } from '../expressions.js';
import { answersOf, failureOf } from '../failure.js';
import { thenable } from '../implicit-calls.js';
import { deepTaints } from '../inner-taints.js';
import { type Interpreter, Thrown } from '../interpreter.js';
import { iterate } from '../iteration.js';
import { copyInto } from '../literals.js';
import { argumentFact, observe } from '../observe.js';
import { joinTaints } from '../taint.js';
import {
  Api,
  constantText,
  Future,
  join,
  joinAll,
  Native,
  Obj,
  prim,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../value.js';
import { messagesHeard } from './channels.js';
import { chunksHeard, isStream } from './chunks.js';
import { runCode } from './code.js';

function future(I: Interpreter): Future {
  const made = new Future();
  made.depth = I.journals.depth;
  return made;
}

const makePromise: Model = (I, call) => {
  const made = future(I);
  const resolve = new Native((args) => {
    I.settle(made, args[0] ?? UNDEFINED);
    return UNDEFINED;
  });
  const executor = call.args[0];
  if (executor !== undefined)
    callFunction(I, executor, UNDEFINED, [resolve, rejecting(I, made)], call.node, call.frame);
  return made;
};

function rejecting(I: Interpreter, made: Future): Native {
  return new Native((args) => {
    I.reject(made, args[0] ?? UNDEFINED);
    return UNDEFINED;
  });
}

/** `then` of a promise, or of an API value that stands for what a promise gives. */
const then: Model = (I, call) => {
  const made = future(I);
  const [onValue, onError] = call.args;
  const self =
    call.self.kind === 'union'
      ? (call.self.alternatives.find((each) => each instanceof Future) ?? call.self)
      : call.self;
  made.from = self;
  I.whenSettled(self, (value) => {
    let result = value;
    try {
      if (onValue !== undefined && isCallable(onValue))
        result = callFunction(I, onValue, UNDEFINED, [value], call.node, call.frame);
    } catch (error) {
      if (error instanceof Thrown) I.reject(made, error.value);
      throw error;
    }
    // `(x) => (x ? fetch(x) : '')`: a promise on one way, a value on the other.
    if (result.kind === 'union' && result.alternatives.some((each) => each instanceof Future))
      I.later(() => I.settle(made, awaited(I, result)));
    else I.settle(made, result);
  });
  if (onError !== undefined && isCallable(onError)) onFailure(I, self, onError, call);
  return made;
};

function isCallable(value: Value): boolean {
  return value.kind === 'func' || value.kind === 'api' || value.kind === 'union';
}

const caught: Model = (I, call) => {
  const handler = call.args[0];
  if (handler !== undefined && isCallable(handler)) onFailure(I, call.self, handler, call);
  return call.self;
};

/** Calls a handler with what a promise, or one that it follows, may fail with. */
function onFailure(I: Interpreter, promise: Value, handler: Value, call: Call): void {
  const run = (error: Value) => I.maybe(() => void callFunction(I, handler, UNDEFINED, [error], call.node, call.frame));
  I.later(() => run(errorOf(I, promise)));
  for (const each of followed(promise)) {
    const { failure } = each;
    if (failure === null) each.failing.push(run);
    else I.later(() => run(failure));
  }
}

function errorOf(I: Interpreter, promise: Value): Value {
  let answers = answersOf(deepTaints(promise, 1));
  for (const { from, answers: own } of followed(promise))
    answers = joinTaints(answers, joinTaints(own, from === null ? null : answersOf(deepTaints(from, 1))));
  return failureOf(I, answers);
}

const MAX_FOLLOWED = 8;

/** A promise and those that it follows. */
function followed(promise: Value): Future[] {
  const out: Future[] = [];
  for (let at: Value | null = promise; at instanceof Future && out.length < MAX_FOLLOWED; at = at.from) out.push(at);
  return out;
}

const lastly: Model = (I, call) => {
  const handler = call.args[0];
  if (handler !== undefined && isCallable(handler))
    I.whenSettled(call.self, () => void callFunction(I, handler, UNDEFINED, [], call.node, call.frame));
  return call.self;
};

function combinator(make: (I: Interpreter, values: Value[]) => Value): Model {
  return (I, call) => {
    const made = future(I);
    const items = iterate(I, call.args[0] ?? UNDEFINED, call.frame);
    I.later(() => {
      const values = items.map((each) => awaited(I, each));
      const result = make(I, values);
      I.settle(made, result);
    });
    return made;
  };
}

const timer: Model = (I, call) => {
  const [fn, , ...rest] = call.args;
  if (fn === undefined) return undefined;
  if (fn.kind === 'prim' || fn.kind === 'text') {
    observe(I, {
      sink: 'code.eval',
      api: call.path,
      target: null,
      args: [argumentFact(I, fn)],
      taints: fn.taints,
      node: call.node,
      frame: call.frame,
    });
    const code = constantText(fn);
    if (code !== null) runCode(I, code, call, null);
    return UNDEFINED;
  }
  const given =
    call.path === 'setImmediate' || call.path === 'queueMicrotask' || call.path === 'nextTick'
      ? call.args.slice(1)
      : rest;
  const run = () => {
    I.enteringHandler = call.path === 'setInterval';
    callFunction(I, fn, UNDEFINED, given, call.node, call.frame);
    I.enteringHandler = false;
  };
  I.later(run);
  if (call.path === 'setInterval' || call.path === 'setTimeout') lasts(I, run);
  const handle = new Api('timer()');
  return handle;
};

const MAX_LASTING = 40;

/** Work that finds at the end what everything else has left for it. */
function lasts(I: Interpreter, run: () => void): void {
  if (I.lasting.length < MAX_LASTING) I.lasting.push({ run, unasked: I.unasked, guards: I.guards });
}

/** Events of leaving, hiding and waiting, when what was collected is sent. */
const LAST_EVENTS =
  /^(?:exit|beforeExit|SIG[A-Z]+|disconnect|uncaughtException|pagehide|beforeunload|unload|visibilitychange|freeze|blur|online|offline|idle|focusout|close|finish|end|shutdown)$/;

/** Events of forms and fields, wherever in a page they are. */
const TYPED = /^(?:submit|input|change|key(?:down|up|press)|paste)$/;

/** Events of what went wrong. */
const FAILURES = /^(?:error|timeout|abort|aborted|unpipe)$/;

/** Registers a handler on an emitter of the sample or of the world. */
const on: Model = (I, call) => {
  const [event, handler] = call.args;
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
    const run = () => {
      I.enteringHandler = handler.kind === 'func' && name !== 'end' && name !== 'close' && name !== 'finish';
      callFunction(I, handler, self, params, call.node, call.frame);
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
  if (!(call.self instanceof Obj)) return undefined;
  for (const [key, slot] of call.self.props) {
    if (!key.startsWith('@@on:') || !(slot instanceof Obj)) continue;
    if (name !== null && key !== `@@on:${name}` && key !== '@@on:*') continue;
    for (const handler of slot.elements ?? [])
      I.later(() => void callFunction(I, handler, call.self, args, call.node, call.frame));
  }
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

const CONTEXT = '@@context';

/** What runs within a context finds it wherever it asks: whoever asks later may find it, too. */
const withContext: Model = (I, call) => {
  const [store, run, ...args] = call.args;
  if (!(call.self instanceof Api) || store === undefined) return undefined;
  const before = call.self.own(CONTEXT);
  call.self.props.set(CONTEXT, before === undefined || before.kind === 'accessor' ? store : join(before, store));
  return run === undefined ? UNDEFINED : callFunction(I, run, UNDEFINED, args, call.node, call.frame);
};

const promisify: Model = (I, call) => {
  const fn = call.args[0];
  if (fn === undefined) return undefined;
  if (fn instanceof Api) {
    const made = new Native((args, self) => {
      const result = callFunction(I, fn, self, args, call.node, call.frame);
      const row = I.models.callbacks.get(fn.path);
      const gives = row?.params[1];
      const value =
        gives !== undefined && gives !== 'result'
          ? parameter(I, { ...call, path: fn.path }, gives, null, result.taints)
          : result;
      return I.settled(fn.path.startsWith('child_process') ? outputOf(I, value) : value);
    });
    return made;
  }
  return new Native((args, self) => {
    const made = future(I);
    const done = new Native((given) => {
      I.settle(made, given[1] ?? UNDEFINED);
      return UNDEFINED;
    });
    callFunction(I, fn, self, [...args, done], call.node, call.frame);
    return made;
  });
};

const callbackify: Model = (I, call) => {
  const fn = call.args[0];
  if (fn === undefined) return undefined;
  return new Native((args, self) => {
    const result = callFunction(I, fn, self, args.slice(0, -1), call.node, call.frame);
    const callback = args[args.length - 1];
    if (callback !== undefined)
      I.later(
        () => void callFunction(I, callback, UNDEFINED, [unknown(null), awaited(I, result)], call.node, call.frame),
      );
    return UNDEFINED;
  });
};

/** `{stdout, stderr}` of a promisified child process. */
export function outputOf(I: Interpreter, value: Value): Value {
  const output = I.object();
  output.props.set('stdout', unknown(value.taints));
  output.props.set('stderr', unknown(value.taints));
  output.taints = value.taints;
  return output;
}

/** Models of promises, timers, emitters and streams. */
export const ASYNC: [string, Model][] = [
  ['Promise', makePromise],
  ['Promise#then', then],
  ['Promise#catch', caught],
  ['Promise#finally', lastly],
  ['*.then', then],
  ['?.then', then],
  ['*.catch', caught],
  ['*.finally', lastly],
  ['Promise.resolve', (I, call) => I.settled(thenable(I, call.args[0] ?? UNDEFINED, call.node, call.frame))],
  [
    'Promise.reject',
    (I, call) => {
      const made = future(I);
      I.reject(made, call.args[0] ?? UNDEFINED);
      return made;
    },
  ],
  [
    'Promise.try',
    (I, call) => {
      const [fn, ...args] = call.args;
      return fn === undefined ? undefined : I.settled(callFunction(I, fn, UNDEFINED, args, call.node, call.frame));
    },
  ],
  ['Promise.all', combinator((I, values) => I.array(values))],
  [
    'Promise.allSettled',
    combinator((I, values) =>
      I.array(
        values.map((value) => {
          const each = I.object();
          each.props.set('status', unknown(null));
          each.props.set('value', value);
          return each;
        }),
      ),
    ),
  ],
  ['Promise.race', combinator((_I, values) => joinAll(values))],
  ['Promise.any', combinator((_I, values) => joinAll(values))],
  [
    'Promise.withResolvers',
    (I) => {
      const made = future(I);
      const object = I.object();
      object.props.set('promise', made);
      object.props.set(
        'resolve',
        new Native((args) => {
          I.settle(made, args[0] ?? UNDEFINED);
          return UNDEFINED;
        }),
      );
      object.props.set('reject', rejecting(I, made));
      return object;
    },
  ],
  ...[
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'nextTick',
    'requestAnimationFrame',
    'requestIdleCallback',
  ].map((name): [string, Model] => [name, timer]),
  ['timers.promises.setTimeout', (I, call) => I.settled(call.args[1] ?? UNDEFINED)],
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
  ...['run', 'enterWith'].map((name): [string, Model] => [`async_hooks.AsyncLocalStorage().${name}`, withContext]),
  [
    'async_hooks.AsyncLocalStorage().getStore',
    (_I, call) => (call.self instanceof Api ? (call.self.props.get(CONTEXT) as Value | undefined) : undefined),
  ],
  ['util.promisify', promisify],
  ['pify', promisify],
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
  // Settings of a handle, which give the handle itself.
  ...['unref', 'ref', 'setEncoding', 'setNoDelay', 'setKeepAlive', 'setMaxListeners', 'pause', 'resume', 'cork'].map(
    (name): [string, Model] => [`*.${name}`, (_I, call) => (call.self instanceof Api ? call.self : undefined)],
  ),
  ['util.format', (_I, call) => text('\uFFFC', deepTaints(_I.array(call.args)))],
  ['util.inspect', (_I, call) => unknown(deepTaints(call.args[0] ?? UNDEFINED))],
  ['util.callbackify', callbackify],
  [
    'dgram.createSocket().bind',
    (I, call) => {
      callbacks(I, call, null, null);
      return call.self;
    },
  ],
  ['*.toString', (_I, call) => (call.self instanceof Api ? unknown(deepTaints(call.self, 1)) : undefined)],
  ['*.json', (I, call) => responseBody(I, call)],
  ['*.text', (I, call) => responseBody(I, call)],
  ['*.arrayBuffer', (I, call) => responseBody(I, call)],
  ['*.blob', (I, call) => responseBody(I, call)],
];

function responseBody(I: Interpreter, call: Call): Value | undefined {
  if (!(call.self instanceof Api)) return undefined;
  return I.settled(unknown(call.self.taints));
}

/** An emitter of the sample's own: handlers are kept by event name. */
function emitter(I: Interpreter): Obj {
  const made = I.object('EventEmitter');
  return made;
}
