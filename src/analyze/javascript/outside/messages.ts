import type { Interpreter } from '../interpreter/interpreter.js';
import type { Obj, Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';

const MOST = 40;

/** Who listens on a channel, and what was said there so far. */
interface Channel {
  heard: ((message: Value) => void)[];
  said: Value[];
}

const channels = new WeakMap<Interpreter, Map<string | Obj, Channel>>();

function channelOf(I: Interpreter, name: string | Obj): Channel {
  let known = channels.get(I);
  if (known === undefined) {
    known = new Map();
    channels.set(I, known);
  }
  let channel = known.get(name);
  if (channel === undefined) {
    channel = { heard: [], said: [] };
    known.set(name, channel);
  }
  return channel;
}

/** Says something on a channel or in a stream, to who listens and to who will; what carries nothing is left out. */
export function say(I: Interpreter, name: string | Obj, message: Value): boolean {
  const channel = channelOf(I, name);
  const isDecoded = message.kind === 'prim' && message.decoded;
  if (channel.said.length >= MOST || (deepTaints(message) === null && !isDecoded)) return false;
  channel.said.push(message);
  for (const tell of channel.heard) I.later(() => tell(message));
  return true;
}

/** Listens on a channel or to a stream; what was said before is said again. */
export function hear(I: Interpreter, name: string | Obj, tell: (message: Value) => void): void {
  const channel = channelOf(I, name);
  if (channel.heard.length >= MOST) return;
  channel.heard.push(tell);
  for (const message of channel.said) I.later(() => tell(message));
}

/** What was said so far. */
export function saidSoFar(I: Interpreter, name: string | Obj): readonly Value[] {
  return channels.get(I)?.get(name)?.said ?? [];
}
