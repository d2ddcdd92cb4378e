import type { Interpreter } from '../interpreter/interpreter.js';
import { HOLE, knownText, type Value } from '../interpreter/value.js';
import { addressFetched } from '../outside/address-fetched.js';
import type { Call, Model } from '../outside/api-calls.js';

/** Addresses in HTML that a page fetches as soon as it has it; links are for who clicks on them. */
const FETCHED =
  /<(?:img|image|iframe|frame|script|link|source|video|audio|track|embed|object|input|body|table|td)\b[^<>]{0,400}?\s(?:src|href|data|poster|srcset|background)\s*=\s*\\?["']?((?:https?:)?\/\/[^"'\s>\\]{1,2000})|<meta\b[^<>]{0,200}?\burl\s*=\s*["']?((?:https?:)?\/\/[^"'\s>]{1,2000})|url\(\s*["']?((?:https?:)?\/\/[^)"'\s]{1,2000})/gi;
const MARKUP = /^(?:innerHTML|outerHTML|srcdoc)$/;
const LONGEST = 20_000;
const MOST = 8;

/** HTML that a page is given fetches what it names: an address of which a part is not known carries that part. */
function markupFetches(I: Interpreter, at: Pick<Call, 'node' | 'frame'>, api: string, value: Value): void {
  const shown = value.taints === null ? null : knownText(value);
  if (shown === null || shown.length > LONGEST || !shown.includes(HOLE) || !shown.includes('//')) return;
  let count = 0;
  for (const match of shown.matchAll(FETCHED)) {
    const address = match[1] ?? match[2] ?? match[3] ?? '';
    if (!address.includes(HOLE)) continue;
    addressFetched(I, at, api, address, value);
    if (++count >= MOST) return;
  }
}

/** A property of an element is given HTML. */
export function markupAssigned(
  I: Interpreter,
  at: Pick<Call, 'node' | 'frame'>,
  path: string,
  key: string,
  value: Value,
): void {
  if (MARKUP.test(key)) markupFetches(I, at, path, value);
}

/** Calls that take HTML, whatever they are called on. */
const markupGiven: Model = (I, call) => {
  for (const each of call.args) markupFetches(I, call, call.path, each);
  return undefined;
};

/** Calls that fetch the addresses that they are given, each or as a list. */
const fetches: Model = (I, call) => {
  const [first] = call.args;
  const addresses = first !== undefined && 'elements' in first && first.elements !== null ? first.elements : [first];
  for (const each of addresses) {
    const shown = each === undefined || each.taints === null ? null : knownText(each);
    if (shown !== null && /^(?:https?:)?\/\//i.test(shown)) addressFetched(I, call, call.path, shown, each as Value);
  }
  return undefined;
};

const ELEMENTS = ['document.body', 'document.head', 'document.documentElement', 'document'];

/** `$('<img>').attr('src', address)` */
const attribute: Model = (I, call) => {
  const [name, value] = call.args;
  if (value === undefined || !/^(?:src|href|data|poster|background)$/.test(knownText(name) ?? '')) return undefined;
  return fetches(I, { ...call, args: [value] });
};

/** Models of what takes HTML, and of what fetches what it is given. */
export const MARKUP_MODELS: [string, Model][] = [
  ...['insertAdjacentHTML', 'write', 'writeln', 'setHTMLUnsafe', 'createContextualFragment'].flatMap(
    (name): [string, Model][] => ELEMENTS.map((element): [string, Model] => [`${element}.${name}`, markupGiven]),
  ),
  ...['insertAdjacentHTML', 'setHTMLUnsafe', 'createContextualFragment'].flatMap((name): [string, Model][] => [
    [`*.${name}`, markupGiven],
    [`?.${name}`, markupGiven],
  ]),
  ...['$', 'jQuery'].flatMap((name): [string, Model][] => [
    [name, markupGiven],
    ...['append', 'prepend', 'html', 'after', 'before', 'replaceWith', 'wrap'].map((method): [string, Model] => [
      `${name}().${method}`,
      markupGiven,
    ]),
  ]),
  ...['$', 'jQuery'].flatMap((name): [string, Model][] => [
    [`${name}().attr`, attribute],
    [`${name}().prop`, attribute],
    [`${name}().load`, fetches],
  ]),
  ['navigator.serviceWorker.register', fetches],
  ...['caches.open().add', 'caches.open().addAll', 'CSS.paintWorklet.addModule'].map((path): [string, Model] => [
    path,
    fetches,
  ]),
  ['*.addModule', fetches],
];
