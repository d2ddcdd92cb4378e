import { alternatives, constantText, Obj, unknown, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Model } from '../outside/api-calls.js';
import { joinTaints } from '../taint/taint.js';

/** `loadEnv(mode, folder, prefix)` of Vite: without a prefix it is the whole environment and all that `.env` files hold. */
const loadEnv: Model = (I, call) => {
  const whole = call.args[2] !== undefined && alternatives(call.args[2]).some(isEmptyPrefix);
  const source = I.source(whole ? 'env.all' : 'env.named', whole ? call.path : 'VITE_*', call.node, call.frame.file);
  return unknown(joinTaints(argumentTaints(call.args), source));
};

function isEmptyPrefix(value: Value): boolean {
  if (value instanceof Obj && value.elements !== null) return value.elements.some(isEmptyPrefix);
  return constantText(value) === '';
}

/** Models of functions that read the environment and its files as a whole. */
export const ENVIRONMENTS: [string, Model][] = [
  ['vite.loadEnv', loadEnv],
  ['@rsbuild/core.loadEnv', loadEnv],
  ['rolldown-vite.loadEnv', loadEnv],
];
