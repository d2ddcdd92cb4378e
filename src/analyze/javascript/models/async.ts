import { callFunction } from '../interpreter/calls.js';
import { awaited } from '../interpreter/expressions.js';
import { answersOf, failureOf } from '../interpreter/failure.js';
import { thenable } from '../interpreter/implicit-calls.js';
import { type Interpreter, Thrown } from '../interpreter/interpreter.js';
import { iterate } from '../interpreter/iteration.js';
import {
  Api,
  constantText,
  Func,
  Future,
  join,
  joinAll,
  Native,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { callbacks, parameter } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { runCode } from './code.js';
import { isCallable, lasts } from './lasting.js';

/** A promise that nothing has settled yet. */
export function future(I: Interpreter): Future {
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
  if (executor instanceof Func) I.executors.add(executor.node);
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
    else I.settle(made, orHandled(I, result, onError, self, call));
  });
  if (onError !== undefined && isCallable(onError)) onFailure(I, self, onError, call);
  return made;
};

const caught: Model = (I, call) => {
  const handler = call.args[0];
  if (handler === undefined || !isCallable(handler)) return call.self;
  onFailure(I, call.self, handler, call);
  if (!(call.self instanceof Future)) return call.self;
  const made = future(I);
  made.from = call.self;
  I.whenSettled(call.self, (value) => {
    I.settle(made, orHandled(I, value, handler, call.self, call));
  });
  return made;
};

/**
 * What a promise gives that may have failed: `stat(file).then(() => true, () => false)` is one as well as the other. What is not known
 * may be anything as it is.
 */
function orHandled(I: Interpreter, value: Value, handler: Value | undefined, promise: Value, call: Call): Value {
  if (handler === undefined || value.kind !== 'prim' || !(handler instanceof Func)) return value;
  const { result, changes } = I.branch(() =>
    callFunction(I, handler, UNDEFINED, [errorOf(I, promise)], call.node, call.frame),
  );
  I.journals.merge([changes], true);
  return result === null ? value : join(value, result);
}

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
  if (fn.kind === 'prim' || fn.kind === 'text' || isAnswer(call.path, fn)) {
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

/** What an answer holds, and nothing else has a part in, is no function: a timer runs it as code. */
function isAnswer(path: string, value: Value): boolean {
  if (value.kind !== 'unknown' || (path !== 'setTimeout' && path !== 'setInterval')) return false;
  return value.taints?.every(({ source }) => source === 'net.response') ?? false;
}

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

/** Models of promises, timers and contexts. */
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
  ...['run', 'enterWith'].map((name): [string, Model] => [`async_hooks.AsyncLocalStorage().${name}`, withContext]),
  [
    'async_hooks.AsyncLocalStorage().getStore',
    (_I, call) => (call.self instanceof Api ? (call.self.props.get(CONTEXT) as Value | undefined) : undefined),
  ],
  ['util.promisify', promisify],
  ['pify', promisify],
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
