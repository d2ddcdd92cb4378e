import { Api, alternatives, Obj, prim, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';

/** A connection that the code opens itself: nobody of the machine asked for it. */
const OUTGOING =
  /^(?:net\.(?:connect|createConnection|Socket\(\))|tls\.connect|ws\b|WebSocket|websocket-stream|http2\.connect|ssh2\.Client)/;
const STREAMS = ['input', 'output', 'socket', 'stream'];

/** `repl.start({ input: socket })`: whoever is at the other end types code into this process. */
const startConsole: Model = (I, call) => {
  const socket = socketOf(call);
  if (socket === null) return undefined;
  observe(I, {
    sink: 'net.handler',
    api: call.path,
    target: socket.target,
    args: [argumentFact(I, prim(`${socket.path} → ${call.path}`))],
    taints: socket.taints,
    node: call.node,
    frame: call.frame,
  });
  return undefined;
};

function socketOf({ args }: Call): Api | null {
  for (const each of args) {
    const held = each instanceof Obj && each.kind === 'obj' ? STREAMS.map((name) => each.own(name)) : [];
    for (const slot of [each, ...held]) {
      if (slot === undefined || slot.kind === 'accessor') continue;
      for (const way of alternatives(slot as Value)) if (way instanceof Api && OUTGOING.test(way.path)) return way;
    }
  }
  return null;
}

/** Models of consoles that are served to somebody. */
export const CONSOLES: [string, Model][] = [
  ['repl.start', startConsole],
  ['repl.REPLServer', startConsole],
];
