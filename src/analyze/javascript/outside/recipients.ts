import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Api, alternatives, HOLE, knownText, Obj, type Slot, type Value } from '../interpreter/value.js';
import { addressOf, hasMark, withMark } from './address-marks.js';
import type { Call } from './api-calls.js';
import { chosenField, isMarked } from './picked-by-amount.js';

const RECIPIENT =
  /^(?:to|recipient|receiver|destination|dest|payee|beneficiary|spender|pay_?to|pub_?key|to_?(?:address|addr|pubkey|account)|recipient_?(?:address|id)|destination_?(?:address|account)?|receiver_?(?:address|id)?|payout_?address|iban|account_?number)$/i;
const LONGEST_KEY = 20;
const CALLDATA = /^(?:data|input|calldata|call_?data|payload|raw|message|msg)$/i;
const ADDRESS =
  /^(?:0x[0-9a-f]{40}|bc1[02-9ac-hj-np-z]{20,70}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|[1-9A-HJ-NP-Za-km-z]{43,44}|[A-Z]{2}\d{2}[A-Z0-9]{11,30}|cosmos1[0-9a-z]{38}|addr1[0-9a-z]{50,}|X[1-9A-HJ-NP-Za-km-z]{33}|r[1-9A-HJ-NP-Za-km-z]{24,34})$/i;
/** Where nobody is paid: programs of the chain itself have four digits at most, and coins are burnt at `dead`. */
const NOBODY = /^0x(?:0{36,}|(?:dead|f{4}))/i;
/** An address of twenty bytes with something of others before and after it. */
const PATCHED = new RegExp(
  `^[^]*${HOLE}[^]*(?<![0-9a-f])(?:0{24})?(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\\d)[0-9a-f]{40}(?:${HOLE}|$)`,
  'i',
);

/** Tells where the recipient of a payment that somebody gave is replaced by one of the code. */
export function recipientWritten(
  I: Interpreter,
  whose: Value,
  key: string,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  if (key.length > LONGEST_KEY || value.kind === 'func' || !isOthers(whose, key)) return;
  const kind = RECIPIENT.test(key) ? 'recipient-overridden' : CALLDATA.test(key) ? 'calldata-patched' : null;
  if (kind === null) return;
  for (const each of alternatives(value)) {
    const shown = shownAddress(each);
    if (shown === null || shown.length > 20_000 || NOBODY.test(shown)) continue;
    if (!(kind === 'recipient-overridden' ? ADDRESS : PATCHED).test(shown)) continue;
    const detail = `${key} = ${shown.replaceAll(HOLE, '…').slice(0, 120)}`;
    I.fact(kind, detail, frame.file, node?.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
  }
}

/** A transaction that calls a contract names that, and pays whom its data say. */
export function callsContract(transaction: Obj): boolean {
  return ['data', 'input', 'calldata'].some((key) => {
    const data = transaction.own(key);
    // A payment may say that it has none: `data: '0x'`.
    return data !== undefined && !(data.kind === 'prim' && /^(?:0x|undefined|null)?$/.test(String(data.value)));
  });
}

/** An account of an instruction that is only looked at: a program, a mint. */
export function isReadOnly(account: Obj): boolean {
  const writable = account.own('isWritable');
  return writable?.kind === 'prim' && writable.value === false;
}

/** Tells where a command has the recipient of a payment already, and puts an address of its own code in the place. */
export function recipientReplaced(
  I: Interpreter,
  whose: Obj,
  key: string,
  before: Slot | undefined,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  if (key.length <= LONGEST_KEY && RECIPIENT.test(key) && !callsContract(whose)) {
    const address = shownAddress(value);
    const isAddress = address !== null && ADDRESS.test(address) && !NOBODY.test(address);
    const picked = chosenField(I, whose, key, isAddress ? address : null, isFromOutside(value), frame);
    if (picked !== null) tellByAmount(I, key, picked, node, frame);
  }
  if (before === undefined || before.kind === 'accessor' || I.entry.phase !== 'bin') return;
  if (key.length > LONGEST_KEY || !RECIPIENT.test(key) || !isFromOutside(before) || callsContract(whose)) return;
  const shown = alternatives(value).filter(isThere).map(shownAddress);
  if (shown.length === 0 || !shown.every((each) => each !== null && ADDRESS.test(each))) return;
  if (shown.every((each) => NOBODY.test(each ?? '')) || I.guards.some(({ text }) => ABSENT.test(text))) return;
  const detail = `${key} = ${shown[0]}`;
  I.fact('recipient-replaced', detail, frame.file, node?.loc?.start.line ?? 1, [
    I.at(node, frame.file, 'sink', detail),
  ]);
}

/** A default stands in where nothing was given. */
const ABSENT = /(?:^|[\s(&|])![\w.]*\b(?:to|recipient|dest\w*|address|addr)\b|(?:null|undefined|['"`]{2})\s*\)?$/i;

/** What a search gives where it finds nothing is nobody's address. */
function isThere(value: Value): boolean {
  return value.kind !== 'prim' || (value.value !== undefined && value.value !== null);
}

function isFromOutside(value: Value): boolean {
  return alternatives(value).some((each) => isPartlyUnknown(each) || isGiven(each));
}

/** Tells where the recipient of a payment is what somebody gave or, in some cases, an address of the code. */
export function recipientPicked(I: Interpreter, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  if (key.length > LONGEST_KEY) return;
  byAmount(I, key, value, node, frame);
  if (!RECIPIENT.test(key)) return;
  const shown = pickedAddress(value);
  if (shown === null) {
    oneOfSeveral(I, key, value, node, frame);
    return;
  }
  const detail = `${key} = ${shown}, or what was given`;
  I.fact('recipient-picked', detail, frame.file, node?.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
}

/** Outputs of bitcoin and its kin name whom they pay by these. */
const PAYEE = /^(?:address|addr|payment_?address|to_?addr)$/i;
/** A call of a token with an address of the code in the place of who gets it. */
const IN_CALL = /^0x[0-9a-f]{8}.*?0{24}([0-9a-f]{40})/is;

/** Tells where a recipient is one of the code by the amount, by the hour or by chance, and one that was given otherwise. */
function byAmount(I: Interpreter, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  if (value.kind !== 'union' || (!RECIPIENT.test(key) && !PAYEE.test(key))) return;
  const all = alternatives(value);
  if (!all.some((each) => isPartlyUnknown(each) || isGiven(each))) return;
  for (const each of all) {
    if (!isMarked(each) || isDefault(each)) continue;
    const shown = shownAddress(each) ?? '';
    if (ADDRESS.test(shown) && !NOBODY.test(shown)) tellByAmount(I, key, shown, node, frame);
  }
}

/** The same for the data of a call: `0xa9059cbb`, an address of the code and the amount. */
export function callByAmount(I: Interpreter, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  if (key.length > LONGEST_KEY || !CALLDATA.test(key)) return;
  for (const each of alternatives(value)) {
    if (!isMarked(each)) continue;
    const address = IN_CALL.exec(shownAddress(each) ?? '')?.[1];
    if (address !== undefined && !NOBODY.test(`0x${address}`)) tellByAmount(I, key, `0x${address}`, node, frame);
  }
}

function tellByAmount(I: Interpreter, key: string, address: string, node: t.Node | null, frame: Frame): void {
  const detail = `${key} = ${address}, or what was given`;
  I.fact('recipient-by-amount', detail, frame.file, node?.loc?.start.line ?? 1, [
    I.at(node, frame.file, 'sink', detail),
  ]);
}

const PAYMENT_LINK =
  /(?:^|[\s"'=>])(?:\uFFFC|bitcoin|bitcoincash|litecoin|dogecoin|dash|zcash|monero|ethereum|solana|tron|cardano|ripple|xrpl?|polkadot|cosmos|ton|stellar|lightning|payto|iban):(?:\/\/)?(?:pay-|transfer\/|pay\?destination=|iban\/(?:[a-z0-9]{8,11}\/)?)?$/i;
/** `ethereum:<token>/transfer?address=…` calls a contract, which may well be one that everybody knows. */
const CALLS_TOKEN = /\/transfer\b/;

/** Tells where a payment link names what somebody gave or, in some cases, an address of the code. */
export function linkRecipient(
  I: Interpreter,
  before: string,
  value: Value,
  after: string,
  node: t.Node,
  frame: Frame,
): void {
  if (!PAYMENT_LINK.test(before.slice(-LONGEST_SCHEME)) || CALLS_TOKEN.test(after)) return;
  const shown = pickedAddress(value);
  if (shown === null) {
    oneOfSeveral(I, 'recipient', value, node, frame);
    return;
  }
  const detail = `${before.slice(-LONGEST_SCHEME).trim()}${shown}, or what was given`;
  I.fact('recipient-in-link', detail, frame.file, node.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
}

const LONGEST_SCHEME = 40;

/** Tells where who gets a payment is one of several addresses of the code. */
function oneOfSeveral(I: Interpreter, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  const all = alternatives(value)
    .filter(isThere)
    .map((each) => (each.kind === 'prim' ? shownAddress(each) : null));
  if (all.length < 2 || !all.every((each) => each !== null && ADDRESS.test(each))) return;
  const detail = `${key} = ${all.slice(0, 3).join(' or ')}`;
  I.fact('recipient-of-several', detail, frame.file, node?.loc?.start.line ?? 1, [
    I.at(node, frame.file, 'sink', detail),
  ]);
}

/** Paths of methods whose first arguments are who gets something, and how much. */
export const PAYS =
  /(?:^|[.?])(?:transfer|transferChecked|sendTransfer|sendToAddress|sendPayment|sendCoins|pay|payout|send|encodeFunctionData|encodeFunctionCall)$/;

/** The same for `token.transfer(to, amount)`. */
export function payeePicked(I: Interpreter, { args, node, frame }: Call): void {
  if (args.length < 2) return;
  for (const each of args.slice(0, 3)) recipientPicked(I, 'recipient', each, node, frame);
  // `encodeFunctionData('transfer', [to, amount])`
  const [, list] = args;
  if (list instanceof Obj)
    for (const each of (list.elements ?? []).slice(0, 3)) byAmount(I, 'recipient', each, node, frame);
}

function pickedAddress(value: Value): string | null {
  const all = alternatives(value);
  for (const each of all) {
    if (isDefault(each)) continue;
    const shown = shownAddress(each);
    if (shown === null || shown.length > LONGEST_ADDRESS || NOBODY.test(shown)) continue;
    const isOpen = shown.endsWith(HOLE) || all.some(isPartlyUnknown);
    const address = shown.replace(/\uFFFC+$/, '');
    if (isOpen && ADDRESS.test(address)) return address;
  }
  return null;
}

function isDefault(value: Value): boolean {
  return hasMark(value, DEFAULT);
}

function isPartlyUnknown(value: Value): boolean {
  return value.kind === 'unknown' || value.kind === 'api' || (value.kind === 'text' && value.text.includes(HOLE));
}

const LONGEST_ADDRESS = 130;
const DEFAULT = 'mark.default-address';

/** An address that stands in for one that nobody gave: `options.to ?? TREASURY`, `(to = TREASURY) => …`. */
export function asDefault(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  const address = addressOf(value);
  if (address?.kind !== 'prim' || typeof address.value !== 'string' || !ADDRESS.test(address.value)) return value;
  return withMark(I, value, DEFAULT, node, frame);
}

function shownAddress(value: Value): string | null {
  const address = addressOf(value);
  return address?.kind === 'prim' || address?.kind === 'text' ? knownText(address) : null;
}

/** A copy of, or the very thing that somebody gave. */
function isOthers(value: Value, key: string): boolean {
  if (value instanceof Api) return value.path.startsWith('?.') || isGiven(value);
  if (value instanceof Obj) {
    const before = value.own(key);
    if (before !== undefined && before.kind !== 'accessor') return isGiven(before);
    return value.rest !== null && isGiven(value.rest);
  }
  return value.kind === 'unknown' && isGiven(value);
}

function isGiven({ taints }: Value): boolean {
  return taints?.some(({ source }) => /^(?:param|given|input|json)/.test(source)) ?? false;
}
