import { alternatives, constantText, Obj, Store, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { deepTaints } from './inner-taints.js';
import { joinTaints, type Taints, transformed } from './taint.js';

/** Headers that are made for something else than to show who asks. */
const ODD =
  /^(?:if-(?:none-)?match|if-(?:un)?modified-since|if-range|range|etag|referr?er|user-agent|accept(?:-(?!token)[\w-]+)?|content-(?:type|language|encoding|md5|disposition|location)|date|via|from|origin|te|trailer|expect|priority|dnt|pragma|cache-control|traceparent|tracestate|baggage|b3|x-b3-[\w-]+|x-(?:request|correlation|trace|span|transaction)-?id|x-amzn?-(?:trace|request|cf)[\w-]*|cf-(?:ray|ipcountry|connecting-ip|visitor|worker)|x-forwarded-[\w-]+|x-real-ip|forwarded|x-(?:cache|cdn|edge|varnish|akamai|locale|device|build)(?:-[\w-]+)?|sec-[\w-]+|x-powered-by|last-event-id|server-timing|alt-svc|warning|save-data|rtt)$/i;

/** Headers that contents, sessions and signatures are for. */
const EXPECTED =
  /^(?:(?:proxy-)?authorization|cookie|content-[\w-]+|x-amz-[\w-]+|(?:x-)?signature|x-hub-[\w-]+|dpop|:[\w-]+)$/i;

const AUTHORIZES = /^(?:(?:proxy-)?authorization|cookie)$/i;

/** Options that become headers. */
const HEADERS = /^(?:headers|default_?headers|extra_?headers)$/i;

const SETS_A_HEADER = /\.(?:setHeader|setRequestHeader|set|header|append)$/;
const TAKES_HEADERS = /^http2\.connect\(\)\.request$/;

/**
 * What a request carries in its headers (`in-header`), those left out that are there for it; what in the one that shows who asks
 * (`in-authorization`), by a user and a password among the options (`of-account`); and what in headers that are made for something else, a validator of a cache, a trace, a referrer (`odd-header`).
 */
export function inHeadersOf({ path, args }: Call): Taints {
  const [first, second] = args;
  if (SETS_A_HEADER.test(path) && second !== undefined) return headerTaints(constantText(first) ?? '', second);
  let taints: Taints = null;
  for (const each of args) taints = joinTaints(taints, TAKES_HEADERS.test(path) ? inHeaders(each) : inOptions(each, 2));
  return taints;
}

function inOptions(value: Value, depth: number): Taints {
  if (!(value instanceof Obj) || value.kind !== 'obj' || value.bare || depth === 0) return null;
  let taints: Taints = null;
  for (const [key, slot] of value.props) {
    if (slot.kind !== 'accessor' && HEADERS.test(key)) {
      for (const each of alternatives(slot))
        taints = joinTaints(taints, joinTaints(inHeaders(each), inOptions(each, depth - 1)));
    } else if (key === 'auth' && slot instanceof Obj && isSignIn(slot)) taints = joinTaints(taints, ofAccount(slot));
  }
  return taints;
}

function ofAccount(auth: Obj): Taints {
  return transformed(headerTaints('authorization', auth), 'of-account', null);
}

/** `auth: { username, password }`, of which clients make the header that shows who asks. */
function isSignIn({ props }: Obj): boolean {
  const keys = [...props.keys()];
  return keys.every((key) => SIGN_IN.test(key)) && keys.some((key) => key.startsWith('pass'));
}

const SIGN_IN = /^(?:user(?:name)?|pass(?:word)?|sendImmediately)$/;

function inHeaders(value: Value): Taints {
  if (!(value instanceof Obj) || value.kind !== 'obj') return null;
  let taints: Taints = null;
  for (const [key, slot] of value.bare ? [] : value.props)
    if (slot.kind !== 'accessor') taints = joinTaints(taints, headerTaints(key, slot));
  if (value instanceof Store)
    for (const [name, item] of value.entries.values())
      taints = joinTaints(taints, headerTaints(constantText(name) ?? '', item));
  return taints;
}

/** What one header of a request carries, told apart by what the header is for. */
export function headerTaints(name: string, value: Value): Taints {
  const isOdd = ODD.test(name);
  if (AUTHORIZES.test(name)) return transformed(deepTaints(value, 2), 'in-authorization', null);
  if (!isOdd && EXPECTED.test(name)) return null;
  const carried = transformed(deepTaints(value, 2), 'in-header', null);
  return isOdd ? transformed(carried, 'odd-header', null) : carried;
}
