import type { Interpreter } from '../interpreter/interpreter.js';
import { Obj, tainted, type Value } from '../interpreter/value.js';
import { joinTaints, renamed, type Taints } from './taint.js';

/** What the password in an address that somebody gave is called until one knows what it is for. */
export const IN_ADDRESS = 'password of an address';
/** What it is called where it signs a connection in, to which alone it is of use. */
export const OF_CONNECTION = 'password of a connection';

const MOST = 40;
const FIELDS = new Set(['password', 'passwd', 'pwd', 'pass']);

/** Keeps an address that was made of what somebody gave, by where that stands. */
export function addressMade(I: Interpreter, url: Obj, password: Taints): void {
  for (const flow of password ?? []) {
    if (flow.detail !== IN_ADDRESS) continue;
    const place = `${flow.file}:${flow.line}`;
    const urls = I.addresses.get(place);
    if (urls === undefined) I.addresses.set(place, [url]);
    else if (urls.length < MOST) urls.push(url);
  }
}

/**
 * `{ host: url.hostname, password: url.password }`: the address is that of a connection, and whoever gets it as a whole gets the
 * password. Of other addresses hardly one has any.
 */
export function fieldFilled(I: Interpreter, key: string, value: Value): void {
  if (I.addresses.size === 0 || !FIELDS.has(key)) return;
  for (const flow of value.taints ?? []) {
    if (flow.detail !== IN_ADDRESS) continue;
    for (const url of I.addresses.get(`${flow.file}:${flow.line}`) ?? []) {
      const href = url.own('href');
      if (href === undefined || href.kind === 'accessor') continue;
      I.journals.property(url, 'href');
      url.props.set('href', tainted(href, joinTaints(href.taints, [renamed(flow, flow.source, OF_CONNECTION)])));
      // What sends it may have been looked at before.
      I.sawTreasure = true;
    }
  }
}

/** `url.password = '***'`: whoever gets the address from then on does not get what it was made with. */
export function passwordReplaced(I: Interpreter, url: Obj): void {
  for (const urls of I.addresses.values()) {
    const at = urls.indexOf(url);
    if (at >= 0) urls.splice(at, 1);
  }
  const href = url.own('href');
  if (href === undefined || href.kind === 'accessor' || href instanceof Obj) return;
  const left = href.taints?.filter(({ detail }) => detail !== OF_CONNECTION) ?? [];
  if (left.length === href.taints?.length) return;
  I.journals.property(url, 'href');
  url.props.set('href', { ...href, taints: left.length === 0 ? null : left });
}
