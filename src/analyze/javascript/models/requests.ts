import { Api, constantText, UNDEFINED } from '../interpreter/value.js';
import type { Model } from '../outside/api-calls.js';
import { keepDefaults } from '../outside/client-defaults.js';
import { headerTaints } from '../taint/headers-sent.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';

/** `request.headers.set(name, value)`: the request carries it. */
const setHeader: Model = (_I, call) => {
  const [name, value] = call.args;
  const request = call.self instanceof Api ? call.self.self : null;
  if (!(request instanceof Api) || value === undefined) return undefined;
  const taints = joinTaints(deepTaints(value), headerTaints(constantText(name) ?? '', value));
  request.taints = joinTaints(request.taints, taints);
  return UNDEFINED;
};

/** `$.ajaxSetup({ headers, data })`: every request of the library has them. */
const ajaxSetup: Model = (I, call) => {
  for (const each of call.args) keepDefaults(I, call.path.replace('.ajaxSetup', ''), deepTaints(each));
  return undefined;
};

/** Models of requests that are filled before they are sent. */
export const REQUESTS: [string, Model][] = [
  ...['set', 'append'].map((name): [string, Model] => [`Request().headers.${name}`, setHeader]),
  ...['$', 'jQuery'].map((name): [string, Model] => [`${name}.ajaxSetup`, ajaxSetup]),
];
