import { Api, prim, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Model } from '../outside/api-calls.js';
import { MOMENT, momentOf } from '../taint/fixed-dates.js';

function constants(args: readonly Value[]): (string | number)[] | null {
  const known = args.flatMap((each) =>
    each.kind === 'prim' && (typeof each.value === 'string' || typeof each.value === 'number') ? [each.value] : [],
  );
  return known.length === args.length && known.length > 0 ? known : null;
}

function momentOfArguments(args: readonly Value[]): number | null {
  const known = constants(args);
  if (known === null) return null;
  const [first, ...rest] = known;
  const moment =
    rest.length === 0
      ? new Date(first as string | number).getTime()
      : Date.UTC(Number(first), ...(rest.slice(0, 6).map(Number) as [number]));
  return Number.isNaN(moment) ? null : moment;
}

const made: Model = (_I, call) => {
  const moment = call.isNew ? momentOfArguments(call.args) : null;
  if (moment === null) return undefined;
  const date = new Api('Date()');
  date.taints = argumentTaints(call.args);
  date.props.set(MOMENT, prim(moment));
  return date;
};

const number: Model = (_I, call) => {
  const moment = momentOfArguments(call.args);
  return moment === null ? undefined : prim(moment, argumentTaints(call.args));
};

const read: Model = (_I, call) => {
  const moment = momentOf(call.self);
  return moment === null ? undefined : prim(moment, call.self.taints);
};

/** Models of dates that stand in the code; of any other nothing is known. */
export const DATES: [string, Model][] = [
  ['Date', made],
  ['Date.UTC', number],
  ['Date.parse', number],
  ['Date().getTime', read],
  ['Date().valueOf', read],
];
