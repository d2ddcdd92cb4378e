import { callFunction } from '../interpreter/calls.js';
import { type Interpreter, Thrown } from '../interpreter/interpreter.js';
import { getProperty } from '../interpreter/properties.js';
import { Api, Func, joinAll, Native, Obj, prim, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { answersIn } from '../outside/handed-back.js';
import { heldCallbacks } from '../outside/held-callbacks.js';
import { hear, saidSoFar, say } from '../outside/messages.js';
import { pathFacts } from '../outside/path-facts.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';

const STREAM =
  /^(?:stream\.[A-Z]|(?:stream\/web\.)?(?:Readable|Writable|Transform|Compression|Decompression)Stream\b|zlib\.create|crypto\.create(?:Cipher|Decipher))/;

/** A stream that the sample made, or an instance of a class that extends one. */
export function isStream(value: Value): value is Obj {
  if (!(value instanceof Obj)) return false;
  for (let at: Obj | null = value, depth = 0; at !== null && depth < 6; at = at.proto, depth++)
    if (at instanceof Api) return STREAM.test(at.path);
  return false;
}

/** Functions of a stream's options that are handed what comes in, and those that run when all has come. */
const TAKING = ['write', 'transform'];
const ENDING = ['flush', 'final', 'destroy'];

/** What comes out of a stream, to who reads from it. */
export function passOn(I: Interpreter, stream: Obj, chunk: Value): void {
  stream.taints = joinTaints(stream.taints, deepTaints(chunk));
  say(I, stream, chunk);
}

/** Calls a function with whatever comes out of a stream. */
export function chunksHeard(I: Interpreter, stream: Obj, handler: Value, call: Call): void {
  hear(I, stream, (chunk) => void callFunction(I, handler, stream, [chunk], call.node, call.frame));
}

/** Something is written to a stream: its own functions take it, or it comes out as it is. */
export function takeIn(I: Interpreter, stream: Obj, chunk: Value, call: Call): void {
  stream.taints = joinTaints(stream.taints, deepTaints(chunk));
  const takers = TAKING.map((name) => functionOf(I, stream, name, call)).filter((each) => each !== null);
  if (takers.length === 0) passOn(I, stream, chunk);
  for (const taker of takers) {
    const args =
      stream.own(WEB) === undefined ? [chunk, prim('buffer'), handing(I, stream)] : [chunk, controller(I, stream)];
    I.later(() => void callFunction(I, taker, stream, args, call.node, call.frame));
  }
}

/** All has been written. */
export function takeEnd(I: Interpreter, stream: Obj, call: Call): void {
  for (const name of ENDING) {
    const fn = functionOf(I, stream, name, call);
    const given = stream.own(WEB) === undefined ? handing(I, stream) : controller(I, stream);
    if (fn !== null) I.later(() => void callFunction(I, fn, stream, [given], call.node, call.frame));
  }
}

const WEB = '@@web';

/** A function of a stream: of its options, or a method of its class. */
function functionOf(I: Interpreter, stream: Obj, name: string, call: Call): Func | null {
  const found =
    stream instanceof Api ? stream.own(`@@${name}`) : getProperty(I, stream, `_${name}`, call.node, call.frame);
  return found instanceof Func ? found : null;
}

/** `callback(error, chunk)` of a transform. */
function handing(I: Interpreter, stream: Obj): Native {
  return new Native(([, chunk]) => {
    if (chunk !== undefined) passOn(I, stream, chunk);
    return UNDEFINED;
  });
}

/** What the functions of a web stream get to put something into it. */
function controller(I: Interpreter, stream: Obj): Obj {
  const made = I.object();
  const enqueue = new Native(([chunk]) => {
    if (chunk !== undefined) passOn(I, stream, chunk);
    return UNDEFINED;
  });
  made.props.set('enqueue', enqueue);
  for (const name of ['close', 'error', 'terminate']) made.props.set(name, new Native(() => UNDEFINED));
  made.rest = unknown(null);
  return made;
}

function streamOf(I: Interpreter, call: Call, path: string): Api {
  const made = new Api(path);
  made.depth = I.journals.depth;
  made.taints = argumentTaints(call.args);
  return made;
}

/** Runs what fills a stream at once; where nothing came of it, once more when all else is there. */
function fill(I: Interpreter, fn: Value | undefined, stream: Obj, args: Value[], call: Call): void {
  if (!(fn instanceof Func)) return;
  const run = () => void callFunction(I, fn, stream, args, call.node, call.frame);
  try {
    run();
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
  }
  if (saidSoFar(I, stream).length === 0) I.later(run);
}

const field = (options: Obj, name: string): Value | undefined => {
  const slot = options.own(name);
  return slot === undefined || slot.kind === 'accessor' ? undefined : slot;
};

function heldBy(I: Interpreter, call: Call): void {
  const { held } = pathFacts(I.models, call.path);
  if (held !== undefined) heldCallbacks(I, call, held, null, null);
}

/** `new Transform({ transform, read })`: what flows into the stream reaches the functions of its options, what they give comes out. */
const makeStream: Model = (I, call) => {
  const options = call.args[0];
  const made = streamOf(I, call, `${call.path}()`);
  if (!(options instanceof Obj) || options.kind !== 'obj') return made;
  heldBy(I, call);
  for (const name of [...TAKING, ...ENDING]) {
    const fn = field(options, name);
    if (fn instanceof Func) made.props.set(`@@${name}`, fn);
  }
  fill(I, field(options, 'read'), made, [unknown(null)], call);
  return made;
};

/** `new ReadableStream({ start(controller) { … } })` and the like; a transform's two ends are the stream itself. */
const makeWebStream: Model = (I, call) => {
  const options = call.args[0];
  const made = streamOf(I, call, `${call.path}()`);
  made.props.set(WEB, prim(true));
  for (const name of ['readable', 'writable']) made.props.set(name, made);
  if (!(options instanceof Obj) || options.kind !== 'obj') return made;
  heldBy(I, call);
  for (const name of [...TAKING, 'flush']) {
    const fn = field(options, name);
    if (fn instanceof Func) made.props.set(`@@${name}`, fn);
  }
  for (const name of ['start', 'pull']) fill(I, field(options, name), made, [controller(I, made)], call);
  return made;
};

/** `through2(function (chunk, encoding, callback) { … })` */
const makeThrough: Model = (I, call) => {
  const made = streamOf(I, call, 'stream.Transform()');
  const [transform, flush] = call.args.filter((each) => each instanceof Func);
  if (transform !== undefined) made.props.set('@@transform', transform);
  if (flush !== undefined) made.props.set('@@flush', flush);
  return made;
};

const write: Model = (I, call) => {
  const [chunk] = call.args;
  if (!isStream(call.self)) return undefined;
  if (chunk !== undefined && chunk.kind !== 'func') takeIn(I, call.self, chunk, call);
  if (call.path.endsWith('.end')) takeEnd(I, call.self, call);
  return call.path.endsWith('.end') ? call.self : unknown(null);
};

const push: Model = (I, call) => {
  const [chunk] = call.args;
  if (!isStream(call.self)) return undefined;
  if (chunk !== undefined) {
    passOn(I, call.self, chunk);
    // Who made a stream of its own gives it to somebody who reads it.
    answersIn(I, chunk);
  }
  return unknown(null);
};

/** Readers and writers of a stream stand for the stream. */
const itself: Model = (_I, call) => (isStream(call.self) ? call.self : undefined);

const readOne: Model = (I, call) => {
  if (!isStream(call.self)) return undefined;
  const said = saidSoFar(I, call.self);
  const chunk = said.length === 0 ? unknown(call.self.taints) : joinAll(said);
  if (call.self.own(WEB) === undefined) return chunk;
  const result = I.object();
  result.props.set('value', chunk);
  result.props.set('done', unknown(null));
  return I.settled(result);
};

/** Models of what goes into streams and comes out of them. */
export const CHUNKS: [string, Model][] = [
  ...['Readable', 'Writable', 'Transform', 'Duplex', 'PassThrough'].map((name): [string, Model] => [
    `stream.${name}`,
    makeStream,
  ]),
  ...['ReadableStream', 'WritableStream', 'TransformStream'].flatMap((name): [string, Model][] => [
    [name, makeWebStream],
    [`stream/web.${name}`, makeWebStream],
  ]),
  ...['through2', 'through2.obj'].map((name): [string, Model] => [name, makeThrough]),
  ['*.write', write],
  ['*.end', write],
  ['*.push', push],
  ['*.unshift', push],
  ['*.getWriter', itself],
  ['*.getReader', itself],
  ['*.read', readOne],
];
