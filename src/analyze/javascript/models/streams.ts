import { isLocal } from '../../rules/host.js';
import { callFunction } from '../interpreter/calls.js';
import { awaited } from '../interpreter/expressions.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { iterate } from '../interpreter/iteration.js';
import {
  Api,
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
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { callbacks } from '../outside/api-calls.js';
import { hear } from '../outside/messages.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { CHUNKS, isStream, passOn, takeEnd } from './chunks.js';

/** `a.pipe(b)`: what a carries is written to b. */
export const pipe: Model = (I, call) => {
  const [source, target] = [call.self, call.args[0]];
  if (target === undefined) return unknown(source.taints);
  flowInto(I, source, target, call);
  if (isStream(source)) hear(I, source, (chunk) => carryInto(I, chunk, source, target, call, (write) => write()));
  return target;
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
    const process = /child_process\.|(?<!^process\.)stdin$/;
    const socket = /^(net|tls|ws|WebSocket)/;
    const [from, to] = [source instanceof Api ? source.path : '', target.path];
    const comes = socket.test(from) && process.test(to);
    const wired = comes || (process.test(from) && socket.test(to));
    const end = comes ? (source as Api) : target;
    if (wired && !isLocalEnd(end)) {
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
    if (isStream(target)) takeEnd(I, target, call);
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
            [chunk, prim('buffer'), new Native(([, data]) => handOn(I, target, data))],
            call.node,
            call.frame,
          ),
      );
    target.taints = joinTaints(target.taints, taints);
  }
}

/** Whether a socket is connected to a program of this machine. */
function isLocalEnd({ target }: Api): boolean {
  return target !== null && isLocal(target.replace(/:(?:\d+|\uFFFC)$/, ''));
}

function handOn(I: Interpreter, stream: Obj, chunk: Value | undefined): Value {
  if (chunk !== undefined) passOn(I, stream, chunk);
  return UNDEFINED;
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
  ...CHUNKS,
];
