import type { Interpreter } from '../interpreter/interpreter.js';
import { alternatives, knownText, Pattern, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';

/** Patterns of wallets' addresses: hexadecimal, base58 and bech32 in the lengths that addresses have. */
const OF_ADDRESSES =
  /0x\)?\(?(?:\?:)?\[[0-9a-fA-F\\d-]{3,14}\]\)?\{40\}|\[1-9A-HJ-NP-Za-km-z\]\)?\{(?:2[5-9]|3\d|4[0-4])(?:,\d\d)?\}|\b(?:bc1[qp]?|ltc1|addr1|cosmos1)\)?\(?(?:\?:)?\[[^\]]{3,40}\]\)?[{+*]/;
const ADDRESS =
  /(?<![\w])(?:0x[0-9a-fA-F]{40}|(?:bc1|ltc1|addr1)[02-9ac-hj-np-z]{20,90}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|[1-9A-HJ-NP-Za-km-z]{43,44})(?![\w])/;
const LEAST_DIFFERENT = 6;
const LONGEST_ADDRESS = 110;

const STEPS = 150_000;

/** Whether a pattern looks for addresses of wallets. */
export function looksForAddresses({ source }: Pattern): boolean {
  return OF_ADDRESSES.test(source);
}

/** Whether a text is an address, and somebody's: zeros, and what documentation shows, are nobody's. */
export function isSomebodys(text: string): boolean {
  return text.length <= LONGEST_ADDRESS && addressIn(text) === text;
}

function addressIn(text: string): string | undefined {
  const address = ADDRESS.exec(text)?.[0];
  return address === undefined || new Set(address.toLowerCase().slice(2)).size < LEAST_DIFFERENT ? undefined : address;
}

/** Runs the callback of a replacement; one that looks for the most similar of several addresses may take long. */
export function replacing<T>(I: Interpreter, what: Value | undefined, run: () => T): T {
  if (!(what instanceof Pattern) || !OF_ADDRESSES.test(what.source)) return run();
  const [limit, from] = [I.stepLimit, I.steps];
  I.stepLimit = limit + STEPS;
  try {
    return run();
  } finally {
    I.stepLimit = limit + Math.min(I.steps - from, STEPS);
  }
}

/** Tells where whatever looks like an address in a text is replaced by an address that stands in the code. */
export function addressSwapped(I: Interpreter, call: Call, put: Value): void {
  const [what] = call.args;
  if (!(what instanceof Pattern) || !OF_ADDRESSES.test(what.source)) return;
  for (const each of alternatives(put)) {
    const address = addressIn(knownText(each) ?? '');
    if (address === undefined) continue;
    const { node, frame } = call;
    const detail = `${what.source.slice(0, 60)} becomes ${address}`;
    I.fact('address-swapped', detail, frame.file, node?.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
    return;
  }
}
