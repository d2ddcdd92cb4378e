import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, type Value } from '../interpreter/value.js';
import { headerTaints } from '../taint/headers-sent.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';

/** `axios.defaults.headers.common`, `client.defaults.params`: what stands there is sent with each request. */
const DEFAULTS = /\.defaults(?:\.(?:headers|params|data|body|auth|query|form|json))?(?:\.\w+)?$/;

/** Keeps what is put into the defaults of a client, for the requests that it makes from now on. */
export function noteDefault(I: Interpreter, target: Api, key: string, value: Value): void {
  if (value.kind === 'func' || !DEFAULTS.test(target.path)) return;
  const carried = deepTaints(value);
  if (carried === null) return;
  const taints = target.path.includes('.headers') ? joinTaints(carried, headerTaints(key, value)) : carried;
  keepDefaults(I, clientOf(target), taints);
}

/** Keeps what a client that was made, or all clients of a module, send with each request. */
export function keepDefaults(I: Interpreter, client: Api | string, taints: Taints): void {
  if (taints !== null) I.clientDefaults.set(client, joinTaints(I.clientDefaults.get(client) ?? null, taints));
}

/** What the defaults of a client add to a request that it makes. */
export function defaultsOf(I: Interpreter, receiver: Value, api: Api): Taints {
  if (I.clientDefaults.size === 0) return null;
  const client = receiver instanceof Api ? receiver : api;
  return I.clientDefaults.get(client.path.includes('()') ? client : client.path) ?? null;
}

/** The client whose defaults these are: an object that was made, or a module by its name. */
function clientOf(target: Api): Api | string {
  let at = target;
  while (at.path.includes('.defaults') && at.self instanceof Api) at = at.self;
  return at.path.includes('()') ? at : at.path;
}
