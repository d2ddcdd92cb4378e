import { objectText, unary } from '../interpreter/operators.js';
import { knownText, Obj, type Primitive, prim, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Model } from '../outside/api-calls.js';
import { asChance } from '../taint/random-names.js';

const MATH = Object.getOwnPropertyNames(Math).filter(
  (name) => typeof Math[name as 'abs'] === 'function' && name !== 'random',
);

function constants(args: readonly Value[]): Primitive[] | null {
  const out: Primitive[] = [];
  for (const each of args) {
    if (each.kind === 'prim') out.push(each.value);
    else if (each instanceof Obj && each.kind === 'obj') {
      const shown = objectText(each);
      if (shown === null || shown.includes('\uFFFC')) return null;
      out.push(shown);
    } else return null;
  }
  return out;
}

function pure(run: (...args: never[]) => Primitive): Model {
  return (_I, call) => {
    const args = constants(call.args);
    // A number that is read from a random name is random.
    const taints = asChance(argumentTaints(call.args));
    if (args === null) return unknown(taints);
    try {
      return prim(run(...(args as never[])), taints);
    } catch {
      return unknown(taints);
    }
  };
}

function method(name: 'toString' | 'toFixed' | 'toPrecision' | 'valueOf' | 'toExponential' | 'toLocaleString'): Model {
  return (_I, call) => {
    const self = call.self;
    const args = constants(call.args);
    if (self.kind !== 'prim' || args === null || typeof self.value !== 'number') return unknown(self.taints);
    try {
      const run = Number.prototype[name] as (...values: unknown[]) => Primitive;
      return prim(run.apply(self.value, args), self.taints, name === 'toString' && args.length > 0);
    } catch {
      return unknown(self.taints);
    }
  };
}

/** Models of Number, Math, BigInt, parseInt and friends. */
export const NUMBERS: [string, Model][] = [
  ...MATH.map((name): [string, Model] => [`Math.${name}`, pure(Math[name as 'abs'] as never)]),
  ['parseInt', pure(((value: string, radix?: number) => Number.parseInt(value, radix)) as never)],
  ['Number.parseInt', pure(((value: string, radix?: number) => Number.parseInt(value, radix)) as never)],
  ['parseFloat', pure(Number.parseFloat as never)],
  ['Number.parseFloat', pure(Number.parseFloat as never)],
  ['isNaN', pure(((value: unknown) => Number.isNaN(Number(value))) as never)],
  ['Number.isNaN', pure(Number.isNaN as never)],
  ['Number.isInteger', pure(Number.isInteger as never)],
  ['Number.isSafeInteger', pure(Number.isSafeInteger as never)],
  ['isFinite', pure(((value: unknown) => Number.isFinite(Number(value))) as never)],
  ['Number', (_I, call) => (call.args.length === 0 ? prim(0) : unary('+', call.args[0] ?? UNDEFINED))],
  ['BigInt', pure(((value: string) => BigInt(value)) as never)],
  ['Number#toString', method('toString')],
  ['Number#toFixed', method('toFixed')],
  ['Number#valueOf', method('valueOf')],
  [
    'BigInt#toString',
    (_I, call) => {
      const radix = call.args[0]?.kind === 'prim' ? Number(call.args[0].value) : 10;
      return call.self.kind === 'prim' && typeof call.self.value === 'bigint' && radix >= 2 && radix <= 36
        ? prim(call.self.value.toString(radix), null, true)
        : unknown(null);
    },
  ],
  ['Boolean#toString', (_I, call) => prim(knownText(call.self) ?? undefined)],
];
