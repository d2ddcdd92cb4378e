import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, prim, text, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
import { type Flow, joinTaints, type Taints } from '../taint/taint.js';
import type { Call } from './api-calls.js';
import { serverAmong } from './clients.js';
import { argumentFact, observe } from './observe.js';

/** The servers that clients of libraries which no table knows were made with. */
const servers = new WeakMap<Api, string>();

const MAKES = /(?:^|\.)(?:create|make|init|connect|open|http|webSocket)\w*$/;

/** Keeps which server a library's client is made with, by its address or by another client: `new Connection('https://…')`. */
export function noteServer(call: Call, made: Api): void {
  if (call.args.length === 0 || !(call.isNew || MAKES.test(call.path))) return;
  const named = serverAmong(call.args);
  const server = named !== null && ADDRESS.test(named) ? named : serverOfAny(call.args);
  if (server !== null) servers.set(made, server);
}

const ADDRESS = /^(?:https?|wss?):\/\/[^/\uFFFC]+\./i;

/**
 * A secret that nobody but the holder of some key can read any more is there to be sent: whatever a client with a server does with it,
 * the server gets it. What is encrypted goes into a transaction, a document or a message as it goes into a request.
 */
export function sealedHanded(I: Interpreter, call: Call, given: Taints): void {
  if (given === null || !given.some(isSealed)) return;
  const server = serverOfReceiver(call) ?? serverOfAny(call.args);
  if (server === null) return;
  let taints: Taints = null;
  for (const each of call.args) taints = joinTaints(taints, each.kind === 'func' ? null : deepTaints(each));
  const carried = taints?.filter(isSealed) ?? [];
  if (carried.length === 0) return;
  observe(I, {
    sink: 'net.out',
    api: call.path,
    target: server,
    args: [argumentFact(I, text(server)), argumentFact(I, prim(undefined, carried))],
    taints: carried,
    node: call.node,
    frame: call.frame,
  });
}

function isSealed({ source, through }: Flow): boolean {
  return (
    through.includes('cipher') && TREASURE.test(source) && !through.includes('hash') && !through.includes(OF_CALLER)
  );
}

const OF_CALLER = 'callers-key';
const TREASURE =
  /^(?:generated\.key|param\.(?:secret|password|intercepted|handed)|secret|env\.all|input\.(?:form|keys))/;

const MAX_CHAIN = 4;

function serverOfReceiver({ self }: Call): string | null {
  let at: Value | null = self;
  for (let depth = 0; at instanceof Api && depth < MAX_CHAIN; depth++) {
    const known = servers.get(at);
    if (known !== undefined) return known;
    at = at.self;
  }
  return null;
}

function serverOfAny(args: readonly Value[]): string | null {
  for (const each of args.slice(0, 4)) {
    const known = each instanceof Api ? servers.get(each) : undefined;
    if (known !== undefined) return known;
  }
  return null;
}
