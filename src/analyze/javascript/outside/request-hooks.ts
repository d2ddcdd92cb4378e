import { callFunction } from '../interpreter/calls.js';
import { awaited } from '../interpreter/expressions.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, Func, Obj, UNDEFINED, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
import type { Call } from './api-calls.js';

/** What stands for a request that a hook of its client may still change. */
const REQUEST = 'RequestConfig()';
const CLIENT =
  /^(?:got|ky|ofetch|axios|undici|superagent|graphql-request|make-fetch-happen|needle|wretch|@apollo\/client)\b/;
const INTERCEPTOR = /\.interceptors\.request\.use$|\.use$|\.middlewares$/;
const HOOK =
  /^(?:beforeRequest|onRequest|transformRequest|requestMiddleware|beforeRedirect|beforeRetry|prepareHeaders|interceptors|hooks|init|request|adapter)$/;

/** Hooks of a client that the package makes: what they put into requests goes to the client's host. */
export function requestHooks(I: Interpreter, call: Call, target: string | null): void {
  if (target === null || !CLIENT.test(call.path)) return;
  if (INTERCEPTOR.test(call.path)) {
    const [hook] = call.args;
    if (hook instanceof Func) runHook(I, call, target, hook);
    return;
  }
  for (const each of call.args) hooksIn(I, call, target, each, 3);
}

function hooksIn(I: Interpreter, call: Call, target: string, value: Value, depth: number): void {
  if (!(value instanceof Obj) || value.kind !== 'obj' || depth === 0 || value.bare) return;
  for (const [key, slot] of value.props) {
    if (slot.kind === 'accessor' || !HOOK.test(key) || !(slot instanceof Obj)) continue;
    const hooks = slot.elements ?? [slot];
    for (const each of hooks) {
      if (each instanceof Func) runHook(I, call, target, each);
      else hooksIn(I, call, target, each, depth - 1);
    }
  }
}

function runHook(I: Interpreter, call: Call, target: string, hook: Func): void {
  I.later(() => {
    const request = requestTo(target, REQUEST);
    const context = I.object();
    for (const name of ['options', 'request']) context.props.set(name, request);
    // Some clients give the request itself, others something that holds it.
    for (const given of [request, context]) {
      const result = awaited(I, callFunction(I, hook, UNDEFINED, [given], call.node, call.frame));
      if (result instanceof Obj && !(result instanceof Api) && deepTaints(result) !== null)
        written(I, call, target, result);
    }
  });
}

/** Something is put into a request by a hook. */
export function written(I: Interpreter, call: Pick<Call, 'node' | 'frame'>, target: string, value: Value): void {
  callFunction(I, requestTo(target, `${REQUEST}.write`), requestTo(target, REQUEST), [value], call.node, call.frame);
}

/** Whether a property of such a request is written. */
export function isRequest({ path }: Api): boolean {
  return path.startsWith(REQUEST);
}

function requestTo(target: string, path: string): Api {
  const api = new Api(path);
  api.target = target;
  return api;
}
