import type { Call, Model } from '../api-calls.js';
import { callbacks } from '../api-calls.js';
import { callFunction } from '../calls.js';
import { awaited } from '../expressions.js';
import { heldCallbacks } from '../held-callbacks.js';
import { deepTaints } from '../inner-taints.js';
import type { Interpreter } from '../interpreter.js';
import { iterate } from '../iteration.js';
import { argumentFact, observe } from '../observe.js';
import { joinTaints } from '../taint.js';
import {
  Api,
  Func,
  HOLE,
  joinAll,
  knownText,
  Native,
  Obj,
  prim,
  tainted,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../value.js';
import { argumentTaints } from '../world.js';

/** `a.pipe(b)`: what a carries is written to b. */
export const pipe: Model = (I, call) => {
  const [source, target] = [call.self, call.args[0]];
  if (target !== undefined) flowInto(I, source, target, call);
  return target ?? unknown(source.taints);
};

/** Data of one stream goes into another: a file, a request, a process, a transform. */
export function flowInto(I: Interpreter, source: Value, target: Value, call: Call): void {
  carryInto(I, chunkOf(source, target), source, target, call, (write) => I.later(write));
}

/** The property of a stream that has what it carries. */
export const CONTENT = '@@content';

/** What comes out of a stream; a child that is an interpreter runs it, so there it is the text itself. */
function chunkOf(source: Value, target: Value): Value {
  const taints = deepTaints(source, 1);
  const content = source instanceof Api && target instanceof Api && isInput(target) ? source.own(CONTENT) : undefined;
  return content === undefined || content.kind === 'accessor' ? unknown(taints) : tainted(content, taints);
}

function isInput({ path }: Api): boolean {
  return path.startsWith('child_process.') && path.endsWith('.stdin');
}

/** `Readable.from(parts)` carries its parts. */
const streamFrom: Model = (I, call) => {
  const made = new Api('stream.Readable()');
  made.depth = I.journals.depth;
  made.taints = argumentTaints(call.args);
  const [given = UNDEFINED] = call.args;
  const parts = given instanceof Obj && given.elements !== null ? given.elements : [given];
  const shown = parts.map((part) => knownText(part) ?? HOLE).join('');
  made.props.set(CONTENT, text(shown, made.taints));
  return made;
};

function carryInto(
  I: Interpreter,
  chunk: Value,
  source: Value,
  target: Value,
  call: Call,
  write: (run: () => void) => void,
): void {
  const { taints } = chunk;
  if (target instanceof Api) {
    const process = /child_process\.|^process\.std|stdin$/;
    const socket = /^(net|tls|ws|WebSocket)/;
    const [from, to] = [source instanceof Api ? source.path : '', target.path];
    if ((socket.test(from) && process.test(to)) || (process.test(from) && socket.test(to))) {
      observe(I, {
        sink: 'net.handler',
        api: `${from}.pipe`,
        target: target.target,
        args: [argumentFact(I, prim(`${from} → ${to}`))],
        taints,
        node: call.node,
        frame: call.frame,
      });
    }
    const writing = new Api(`${target.path}.write`);
    writing.self = target;
    writing.target = target.target;
    callFunction(I, writing, target, [chunk], call.node, call.frame);
    handToOptions(I, target, chunk, call, write);
    target.taints = joinTaints(target.taints, taints);
  } else if (target instanceof Obj) {
    const writer =
      target.props.get('write') ??
      target.proto?.props.get('write') ??
      target.proto?.props.get('_write') ??
      target.proto?.props.get('_transform') ??
      target.props.get('transform');
    if (writer !== undefined && writer.kind === 'func')
      write(
        () =>
          void callFunction(
            I,
            writer,
            target,
            [chunk, prim('buffer'), new Native(() => UNDEFINED)],
            call.node,
            call.frame,
          ),
      );
    target.taints = joinTaints(target.taints, taints);
  }
}

/** `pipeline(from, through…, into)`: who waits for it finds everything written; functions between are handed what comes in, and give what goes on. */
const pipeline: Model = (I, call) => {
  const stages = call.args.slice();
  const isAwaited = call.path.includes('promises');
  if (!isAwaited && stages[stages.length - 1]?.kind === 'func') stages.pop();
  let source = stages[0];
  for (const stage of stages.slice(1)) {
    if (source === undefined) break;
    if (stage.kind === 'func') {
      source = awaited(I, callFunction(I, stage, UNDEFINED, [source], call.node, call.frame));
      continue;
    }
    const from = source;
    const carried = deepTaints(from, 1);
    const parts = from instanceof Api ? [] : iterate(I, from, call.frame);
    const chunk =
      stage instanceof Api && isInput(stage)
        ? chunkOf(from, stage)
        : joinAll(carried === null && parts.length > 0 ? parts : [...parts, unknown(carried)]);
    carryInto(I, chunk, from, stage, call, (write) => (isAwaited ? write() : I.later(write)));
    source = stage;
  }
  if (!isAwaited) callbacks(I, call, null, null);
  return I.settled(source?.kind === 'api' ? UNDEFINED : (source ?? UNDEFINED));
};

/** Functions of a stream's options that are handed what comes in, and those that run when all has come. */
const TAKING = ['write', 'transform'];
const ENDING = ['flush', 'final', 'destroy'];

/** `new Writable({ write, final })`: what flows into the stream reaches the functions of its options. */
const makeStream: Model = (I, call) => {
  const options = call.args[0];
  if (!(options instanceof Obj) || options.kind !== 'obj') return undefined;
  const made = new Api(`${call.path}()`);
  made.depth = I.journals.depth;
  made.taints = argumentTaints(call.args);
  heldCallbacks(I, call, null, null);
  for (const name of [...TAKING, ...ENDING]) {
    const slot = options.props.get(name);
    if (slot instanceof Func) made.props.set(`@@${name}`, slot);
  }
  return made;
};

function handToOptions(I: Interpreter, stream: Api, chunk: Value, call: Call, write: (run: () => void) => void): void {
  if (stream.bare) return;
  const pushed = new Native(([, data]) => {
    if (data !== undefined) stream.taints = joinTaints(stream.taints, deepTaints(data));
    return UNDEFINED;
  });
  const run = (name: string, args: Value[]) => {
    const slot = stream.props.get(`@@${name}`);
    if (slot instanceof Func) write(() => void callFunction(I, slot, stream, args, call.node, call.frame));
  };
  for (const name of TAKING) run(name, [chunk, prim('buffer'), pushed]);
  for (const name of ENDING) run(name, [pushed]);
}

/** Models of streams that carry something from one place to another. */
export const STREAMS: [string, Model][] = [
  ['*.pipe', pipe],
  ['?.pipe', pipe],
  ['process.stdin.pipe', pipe],
  ['*.pipeTo', pipe],
  ['*.pipeThrough', pipe],
  ['stream.Readable.from', streamFrom],
  ['stream.pipeline', pipeline],
  ['stream.promises.pipeline', pipeline],
  ...['Writable', 'Transform', 'Duplex'].map((name): [string, Model] => [`stream.${name}`, makeStream]),
];
