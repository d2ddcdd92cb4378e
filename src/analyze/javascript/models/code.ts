import { dataText } from '../../data-urls.js';
import { callFunction } from '../interpreter/calls.js';
import { type Interpreter, Thrown } from '../interpreter/interpreter.js';
import { Scope } from '../interpreter/scope.js';
import {
  Api,
  alternatives,
  Bytes,
  constantText,
  Func,
  join,
  knownText,
  Obj,
  prim,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { hooksNamed, hooksRegistered, injected } from '../modules/loader-hooks.js';
import { type Call, callbacks, type Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { on } from './emitters.js';

const MAX_NESTED = 4;
const MAX_CODE = 4_000_000;

/** Runs known text as code in the place of the call. */
export function runCode(
  I: Interpreter,
  code: string,
  call: Call,
  scope: Scope | null,
  asFunction: readonly string[] | null = null,
): Value | null {
  if (I.evalDepth >= MAX_NESTED) {
    I.fact(
      'limit',
      'code inside code is nested deeper than the analysis follows',
      call.frame.file,
      call.node?.loc?.start.line ?? 0,
      [I.at(call.node, call.frame.file, 'sink', call.path)],
    );
    return null;
  }
  if (code.length > MAX_CODE) return null;
  I.evalDepth++;
  try {
    return I.loader.runText(I, code, call.frame.file, scope, asFunction);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    I.mayThrow++;
    return unknown(null);
  } finally {
    I.evalDepth--;
  }
}

/** Every text that the value may be, when it is known. */
function textsOf(value: Value | undefined): string[] {
  if (value === undefined) return [];
  const out: string[] = [];
  for (const each of alternatives(value)) {
    const shown = constantText(each) ?? (each instanceof Bytes && each.bytes !== null ? knownText(each) : null);
    if (shown !== null) out.push(shown);
  }
  return out.slice(0, 3);
}

/** What code sees that is run in a context of its own. */
function contextOf(I: Interpreter, context: Value | undefined): Scope | null {
  if (!(context instanceof Obj) || context instanceof Api || context.kind !== 'obj' || context.bare) return null;
  const scope = new Scope(null, I.journals.depth);
  for (const [name, slot] of context.props) if (slot.kind !== 'accessor') scope.vars.set(name, slot);
  return scope;
}

const evaluateCode: Model = (I, call) => {
  const value = call.args[0];
  if (value !== undefined && value instanceof Obj && !(value instanceof Bytes) && value.kind !== 'api') return value;
  const scope = call.path === 'eval' ? I.evalScope : contextOf(I, call.args[1]);
  I.evalScope = null;
  let out: Value | null = null;
  for (const code of textsOf(value)) out = runCode(I, code, call, scope) ?? out;
  return out ?? unknown(argumentTaints(call.args));
};

/** `new Function('a', 'b', body)`: a function of ours when the text is known. */
const functionOf: Model = (I, call) => {
  const texts = call.args.map((each) => textsOf(each)[0] ?? null);
  const body = texts[texts.length - 1];
  if (body === undefined || body === null || texts.some((each) => each === null)) {
    const made = new Api('Function()');
    made.taints = argumentTaints(call.args);
    return made;
  }
  const params = (texts.slice(0, -1) as string[]).filter((each) => /^[\w$,\s={}[\].]*$/.test(each));
  const code = call.path === 'AsyncFunction' ? `return (async function () {${body}\n}).apply(this, arguments)` : body;
  return runCode(I, code, call, null, params) ?? unknown(argumentTaints(call.args));
};

const script: Model = (I, call) => {
  const made = new Api('vm.Script()');
  made.props.set('@@code', call.args[0] ?? prim(''));
  made.taints = argumentTaints(call.args);
  void I;
  return made;
};

const runScript: Model = (I, call) => {
  const code = call.self instanceof Obj ? call.self.props.get('@@code') : undefined;
  if (code === undefined || code.kind === 'accessor') return undefined;
  // A script in this context sees nothing but what everybody sees.
  const context = call.path.endsWith('ThisContext') ? undefined : call.args[0];
  return evaluateCode(I, { ...call, args: context === undefined ? [code] : [code, context] });
};

const compileModule: Model = (I, call) => {
  if (call.args[0] !== undefined) injectedAround(I, call, call.args[0]);
  for (const code of textsOf(call.args[0])) {
    const wrapped = runCode(
      I,
      `(function (module, exports) {${code}\n;return module.exports;})({exports: {}}, {})`,
      call,
      null,
    );
    if (wrapped !== null) return wrapped;
  }
  return unknown(argumentTaints(call.args));
};

/** Code of which only a part is known is put around what the module holds. */
function injectedAround(I: Interpreter, call: Call, value: Value): void {
  if (alternatives(value).some((each) => each.kind === 'text')) injected(I, call.path, value, call.node, call.frame);
}

/** Loader hooks by the name of their module. */
const register: Model = (I, call) => {
  const specifier = knownText(call.args[0]);
  if (specifier !== null) hooksNamed(I, specifier, call.frame.file.split('!')[0] as string, call.node, call.frame);
  return undefined;
};

const registerHooks: Model = (I, call) => {
  hooksRegistered(I, call.args[0] ?? unknown(null), false, call.node, call.frame);
  return undefined;
};

/** What a Blob was made of, in the place of its address. */
const CODE_TEXT = /[;{}]/;

const worker: Model = (I, call) => {
  const [source, options] = call.args;
  const isText = options instanceof Obj && options.props.get('eval') !== undefined;
  const shown = knownText(source);
  if (isText || (shown?.startsWith('data:') ?? false)) {
    observe(I, {
      sink: 'code.eval',
      api: call.path,
      target: null,
      args: [argumentFact(I, source ?? prim(''))],
      taints: source?.taints ?? null,
      node: call.node,
      frame: call.frame,
    });
    const given = options instanceof Obj ? options.props.get('workerData') : undefined;
    if (given !== undefined && given.kind !== 'accessor') I.globals.set('@worker_threads.workerData', given);
    const code = shown?.startsWith('data:') ? dataText(shown) : constantText(source);
    if (code !== null) runCode(I, code, call, null);
  } else if (shown !== null && CODE_TEXT.test(shown)) runCode(I, shown, call, null);
  else if (shown !== null) {
    const given = options instanceof Obj ? options.own('workerData') : undefined;
    // Of workers with plain data it is not known which one runs.
    if (given !== undefined && given.kind !== 'accessor' && deepTaints(given) !== null)
      I.globals.set('@worker_threads.workerData', given);
    const path = I.loader.resolve(shown, call.frame.file);
    if (path !== null) I.later(() => void I.loader.requireFile(I, path));
  }
  return undefined;
};

/** What a worker or child posts goes to who listens to it, and the other way round; what a caller gave for it to be worked on is not followed. */
function channelOf(name: string): { post: Model; listen: Model } {
  const [said, heard] = [`@${name}.said`, `@${name}.heard`];
  const tell = (I: Interpreter, listener: Value, value: Value, call: Call): void =>
    I.later(() => void callFunction(I, listener, UNDEFINED, [value], call.node, call.frame));
  return {
    post: (I, call) => {
      const [value] = call.args;
      if (value === undefined || !deepTaints(value)?.some(({ source }) => source !== 'param')) return undefined;
      const before = I.globals.get(said);
      I.globals.set(said, before === undefined ? value : join(before, value));
      for (const listener of alternatives(I.globals.get(heard) ?? UNDEFINED))
        if (listener instanceof Func) tell(I, listener, value, call);
      return undefined;
    },
    listen: (I, call) => {
      const listener = call.args[1];
      if (knownText(call.args[0]) !== 'message' || !(listener instanceof Func)) return undefined;
      const before = I.globals.get(heard);
      I.globals.set(heard, before === undefined ? listener : join(before, listener));
      const value = I.globals.get(said);
      if (value !== undefined) tell(I, listener, value, call);
      return undefined;
    },
  };
}

const both =
  (first: Model, second: Model): Model =>
  (I, call) => {
    first(I, call);
    return second(I, call);
  };

const fromWorker = channelOf('worker_threads.up');
const toWorker = channelOf('worker_threads.down');
const fromChild = channelOf('child_process.up');
const toChild = channelOf('child_process.down');

/** Models of everything that runs text as code. */
export const CODE: [string, Model][] = [
  ['eval', evaluateCode],
  ['execScript', evaluateCode],
  ['vm.runInThisContext', evaluateCode],
  ['vm.runInNewContext', evaluateCode],
  ['vm.runInContext', evaluateCode],
  ['vm.createContext', (I, call) => call.args[0] ?? I.object()],
  ['vm.compileFunction', functionOf],
  ['vm.Script', script],
  ['vm.Script().runInThisContext', runScript],
  ['vm.Script().runInNewContext', runScript],
  ['vm.Script().runInContext', runScript],
  ['Function', functionOf],
  ['AsyncFunction', functionOf],
  ['GeneratorFunction', functionOf],
  ['module()._compile', compileModule],
  ['module._compile', compileModule],
  ['require-from-string', compileModule],
  ['module.wrap', (_I, call) => call.args[0]],
  ['module.register', register],
  ['module.registerHooks', registerHooks],
  ['worker_threads.Worker', worker],
  ['worker_threads.parentPort.postMessage', fromWorker.post],
  ['worker_threads.Worker().on', fromWorker.listen],
  ['worker_threads.Worker().once', fromWorker.listen],
  ['worker_threads.Worker().postMessage', toWorker.post],
  ['worker_threads.parentPort.on', toWorker.listen],
  ['worker_threads.parentPort.once', toWorker.listen],
  ['Worker', worker],
  ['child_process.fork().send', toChild.post],
  ['process.send', fromChild.post],
  ...['on', 'once'].flatMap((name): [string, Model][] => [
    [`process.${name}`, both(toChild.listen, on)],
    [`child_process.fork().${name}`, both(fromChild.listen, on)],
  ]),
  [
    'inspector.Session().post',
    (I, call) => {
      callbacks(I, call, null, null);
      const params = call.args[1];
      const code = params instanceof Obj ? params.props.get('expression') : undefined;
      if (code !== undefined && code.kind !== 'accessor') return evaluateCode(I, { ...call, args: [code] });
      return unknown(joinTaints(call.self.taints, argumentTaints(call.args)));
    },
  ],
];
