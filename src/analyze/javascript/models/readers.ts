import { callFunction } from '../interpreter/calls.js';
import { Api, constantText, UNDEFINED, unknown } from '../interpreter/value.js';
import { callbacks, type Model } from '../outside/api-calls.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';

/** `reader.readAsText(blob)`: the result stands in the reader when its handler runs. */
const readBlob: Model = (I, call) => {
  const { self } = call;
  const taints = call.args[0] === undefined ? null : deepTaints(call.args[0], 2);
  if (!(self instanceof Api) || taints === null) return undefined;
  self.taints = joinTaints(self.taints, taints);
  self.props.set('result', unknown(taints));
  const event = I.object('Event');
  event.props.set('target', self);
  for (const name of ['onload', 'onloadend']) {
    const handler = self.own(name);
    if (handler !== undefined && handler.kind === 'func')
      I.later(() => void callFunction(I, handler, self, [event], call.node, call.frame));
  }
  return UNDEFINED;
};

/** `registry.register(object, held)`: the callback gets what is held. */
const register: Model = (I, call) => {
  const fn = call.self instanceof Api ? call.self.own('@@callback') : undefined;
  const held = call.args[1];
  if (fn?.kind === 'func' && held !== undefined)
    I.later(() => void callFunction(I, fn, UNDEFINED, [held], call.node, call.frame));
  return UNDEFINED;
};

const place = (name: string | null): string => `@worker_threads.environment.${name ?? '*'}`;

/** Models of objects of the platform that give later what they were given. */
export const READERS: [string, Model][] = [
  ...['readAsText', 'readAsDataURL', 'readAsArrayBuffer', 'readAsBinaryString'].map((name): [string, Model] => [
    `FileReader().${name}`,
    readBlob,
  ]),
  [
    'FinalizationRegistry',
    (I, call) => {
      callbacks(I, call, null, null);
      const made = new Api('FinalizationRegistry()');
      if (call.args[0] !== undefined) made.props.set('@@callback', call.args[0]);
      return made;
    },
  ],
  ['FinalizationRegistry().register', register],
  [
    'worker_threads.setEnvironmentData',
    (I, call) => {
      if (call.args[1] !== undefined) I.globals.set(place(constantText(call.args[0])), call.args[1]);
      return UNDEFINED;
    },
  ],
  ['worker_threads.getEnvironmentData', (I, call) => I.globals.get(place(constantText(call.args[0])))],
];
