import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, HOLE, knownText, type Obj, type Value } from '../interpreter/value.js';

const SIGNS_IN =
  /(?:^|[/_-])(?:auth|oauth\d?|log-?in|sign-?in|sign-?up|register|session|password|passwd|token|credentials?|account|2fa|otp|mfa|checkout|payments?|billing|cards?|wallets?|user)(?:[/_:.*?-]|$)/i;
const ELSEWHERE = /^https?:\/\/(?!localhost|127\.|0\.0\.0\.0)[\w-]+(?:\.[\w-]+)+/i;

/** Tells of routes of a server that the code sends to another host: `{ source: '/api/login', destination: 'https://…' }`. */
export function routeMade(I: Interpreter, route: Obj, node: t.Node | null, frame: Frame): void {
  const to = textOf(route, 'destination');
  if (to === null || !ELSEWHERE.test(to)) return;
  const from = textOf(route, 'source');
  if (from === null || !SIGNS_IN.test(from)) return;
  const detail = `${from} → ${to}`.replaceAll(HOLE, '…').slice(0, 160);
  I.fact('route-elsewhere', detail, frame.file, node?.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
}

function textOf(route: Obj, key: string): string | null {
  const slot = route.own(key);
  if (slot === undefined || slot.kind === 'accessor') return null;
  for (const each of alternatives(slot as Value)) {
    const shown = knownText(each);
    if (shown !== null) return shown;
  }
  return null;
}
