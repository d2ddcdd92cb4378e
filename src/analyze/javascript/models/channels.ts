import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, knownText, UNDEFINED, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { hear, say } from '../outside/messages.js';

/** What a port hears: the name of a channel, or a port of its own. */
const ends = new WeakMap<Api, { hears: string | Api; says: string | Api }>();

/** A port or channel of messages is listened to, by a handler or as a property. */
export function messagesHeard(
  I: Interpreter,
  self: Api,
  handler: Value,
  isEvent: boolean,
  at: Pick<Call, 'node' | 'frame'>,
): void {
  const own = ends.get(self);
  if (own === undefined) return;
  hear(I, own.hears, (message) => {
    const event = I.object('Event');
    event.props.set('data', message);
    callFunction(I, handler, self, [isEvent ? event : message], at.node, at.frame);
  });
}

const broadcast: Model = (_I, call) => {
  const made = new Api('BroadcastChannel()');
  const name = `broadcast ${knownText(call.args[0]) ?? '?'}`;
  ends.set(made, { hears: name, says: name });
  return made;
};

/** Two ports of which each hears what the other is given. */
const pair: Model = (I) => {
  const made = I.object('MessageChannel');
  const [one, two] = [new Api('MessagePort()'), new Api('MessagePort()')];
  ends.set(one, { hears: one, says: two });
  ends.set(two, { hears: two, says: one });
  made.props.set('port1', one);
  made.props.set('port2', two);
  return made;
};

const post: Model = (I, call) => {
  const own = call.self instanceof Api ? ends.get(call.self) : undefined;
  if (own !== undefined && call.args[0] !== undefined) say(I, own.says, call.args[0]);
  return undefined;
};

/** `diagnostics_channel.channel(name)`: the same for all who know the name. */
const diagnostics: Model = (_I, call) => {
  const made = new Api(`${call.path}()`);
  made.target = knownText(call.args[0]);
  return made;
};

const diagnosticsName = (shown: string | null): string => `diagnostics ${shown ?? '?'}`;

const subscribe: Model = (I, call) => {
  const [first, second] = call.args;
  const isNamed = call.path === 'diagnostics_channel.subscribe';
  const shown = isNamed ? knownText(first) : call.self instanceof Api ? call.self.target : null;
  const handler = isNamed ? second : first;
  if (handler?.kind === 'func')
    hear(
      I,
      diagnosticsName(shown),
      (message) => void callFunction(I, handler, UNDEFINED, [message], call.node, call.frame),
    );
  return undefined;
};

const publish: Model = (I, call) => {
  const shown = call.self instanceof Api ? call.self.target : null;
  if (call.args[0] !== undefined) say(I, diagnosticsName(shown), call.args[0]);
  return undefined;
};

const CHANNEL = 'diagnostics_channel.channel';

/** Models of channels over which one part of a program tells another something. */
export const CHANNELS: [string, Model][] = [
  ...['', 'worker_threads.'].flatMap((from): [string, Model][] => [
    [`${from}BroadcastChannel`, broadcast],
    [`${from}MessageChannel`, pair],
  ]),
  ['BroadcastChannel().postMessage', post],
  ['MessagePort().postMessage', post],
  [CHANNEL, diagnostics],
  [`${CHANNEL}().subscribe`, subscribe],
  ['diagnostics_channel.subscribe', subscribe],
  [`${CHANNEL}().publish`, publish],
];
