import { passwordReplaced } from '../taint/connection-addresses.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import type { Interpreter } from './interpreter.js';
import { HOLE, knownText, type Obj, prim, Store, tainted, text, unknown, type Value } from './value.js';

const PARTS = new Set(['protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']);

/** A part of an address was assigned: the address as a whole shows it, and carries what the part does. */
export function partAssigned(I: Interpreter, url: Obj, key: string, value: Value): void {
  url.taints = joinTaints(url.taints, deepTaints(value, 2));
  if (key === 'href') return;
  if (key === 'password') passwordReplaced(I, url);
  if (key === 'search') forgetQuery(url);
  if (!PARTS.has(key)) {
    const href = partOf(url, 'href');
    if (href !== undefined) url.props.set('href', tainted(href, url.taints));
    return;
  }
  if (key === 'hostname' || key === 'port') hostJoined(I, url);
  const taints = joinTaints(url.taints, partOf(url, 'href')?.taints ?? null);
  const path = shownPart(url, 'pathname');
  const whole = [
    `${shownPart(url, 'protocol').replace(/:?$/, ':')}//`,
    shownPart(url, 'host'),
    path.startsWith('/') || path === '' ? path : `/${path}`,
    led(shownPart(url, 'search'), '?'),
    led(shownPart(url, 'hash'), '#'),
  ].join('');
  I.journals.property(url, 'href');
  url.props.set('href', whole.includes(HOLE) ? text(whole, taints) : prim(whole, taints));
}

/** The query was assigned as a whole: what stood in it before is gone. */
function forgetQuery(url: Obj): void {
  const params = url.own('searchParams');
  if (!(params instanceof Store)) return;
  params.entries.clear();
  params.rest = null;
}

function hostJoined(I: Interpreter, url: Obj): void {
  const [name, port] = [shownPart(url, 'hostname'), shownPart(url, 'port')];
  I.journals.property(url, 'host');
  url.props.set('host', text(port === '' || port === HOLE ? name : `${name}:${port}`, url.taints));
}

function partOf(url: Obj, key: string): Value | undefined {
  const slot = url.own(key);
  return slot === undefined || slot.kind === 'accessor' ? undefined : slot;
}

function shownPart(url: Obj, key: string): string {
  return knownText(partOf(url, key) ?? unknown(null)) ?? HOLE;
}

function led(part: string, sign: string): string {
  return part === '' || part.startsWith(sign) ? part : sign + part;
}
