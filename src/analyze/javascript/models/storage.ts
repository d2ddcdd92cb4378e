import { Api, constantText, join, unknown } from '../interpreter/value.js';
import type { Model } from '../outside/api-calls.js';
import { deepTaints } from '../taint/inner-taints.js';

const STORAGES = ['localStorage', 'sessionStorage'];
const ANY = '*';

const place = (path: string, name: string | null): string => `@${path.split('.')[0]}.${name ?? ANY}`;

/** Keeps what the sample puts into the storage of a page, where it carries something. */
const setItem: Model = (I, call) => {
  const [key, value] = call.args;
  if (value === undefined || deepTaints(value) === null) return undefined;
  const at = place(call.path, constantText(key));
  const before = I.globals.get(at);
  I.globals.set(at, before === undefined ? value : join(before, value));
  return undefined;
};

/** Gives what the sample has put there, or what others did. */
const getItem: Model = (I, call) => {
  const name = constantText(call.args[0]);
  const written =
    I.globals.get(place(call.path, name)) ?? (name === null ? undefined : I.globals.get(place(call.path, null)));
  if (written === undefined) return undefined;
  const storage = call.self instanceof Api ? call.self.taints : null;
  return join(written, unknown(storage));
};

/** Models of the storages of a page. */
export const STORAGE: [string, Model][] = STORAGES.flatMap((name): [string, Model][] => [
  [`${name}.setItem`, setItem],
  [`${name}.getItem`, getItem],
]);
