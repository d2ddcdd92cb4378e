import type { Interpreter } from '../interpreter/interpreter.js';
import { alternatives, HOLE, knownText, Obj, text, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
import type { Taints } from '../taint/taint.js';
import { addressFetched } from './address-fetched.js';
import { type Call, ONLY_SECRET } from './api-calls.js';

/**
 * Elements that a framework renders (React and its kin, Vue, Solid, Svelte, Lit) fetch what their attributes name, as those do that a page
 * makes by itself. Components show pictures of whatever they are given, so only what a page keeps and what is typed into it is told.
 */

/** Tags that fetch what their attributes name. */
const FETCHES = /^(?:script|img|image|link|iframe|frame|embed|object|source|video|audio|track|input|svg:image|use)$/;
/** Attributes whose address is fetched, of whatever element. */
const ADDRESSES = /^(?:src|srcset|srcdoc|poster|data|background|href|xlink:?href|imagesrcset)$/i;
/** Of elements that are not known, a link's address is for who clicks on it. */
const LOADED = /^(?:src|srcset|poster|background|imagesrcset)$/i;
/** Where libraries keep the attributes of an element. */
const HOLDERS = ['attrs', 'props', 'domProps', 'attributes'];
const MARKUP = ['innerHTML', 'srcdoc', 'srcDoc', '__html'];

const ADDRESS = /^\s*((?:https?:)?\/\/[^\s"'<>]+)/i;
const IN_STYLE = /url\(\s*["']?((?:https?:)?\/\/[^)"'\s]+)/i;
const IN_MARKUP =
  /<(?:img|image|iframe|frame|script|link|source|video|audio|track|embed|object|input|body|use)\b[^<>]{0,400}?\s(?:src|href|data|poster|srcset|background)\s*=\s*\\?["']?((?:https?:)?\/\/[^"'\s>\\]{1,2000})/gi;
const LONGEST = 20_000;
const DEEPEST = 2;
const MOST_FIELDS = 30;

type Place = Pick<Call, 'node' | 'frame'>;

/** `createElement('img', { src })`, `h('img', { attrs: { src } })`, `element.setAttribute('src', address)`, `attr(element, 'src', address)`. */
export function elementRendered(I: Interpreter, api: string, args: readonly Value[], at: Place): void {
  const [first, second, third] = args;
  if (first?.kind === 'prim' && typeof first.value === 'string') {
    if (second instanceof Obj) {
      if (second.kind === 'obj') attributesOf(I, at, api, first.value, second);
    } else if (second !== undefined && SETTERS.test(api)) attributeSet(I, at, api, first.value, second);
  } else if (second?.kind === 'prim' && typeof second.value === 'string' && third !== undefined)
    attributeSet(I, at, api, second.value, third);
}

const SETTERS = /\.(?:setAttribute|setAttributeNS|setProperty|attr|prop|css)$/;

/** What an element's attributes name is fetched. */
export function attributesOf(
  I: Interpreter,
  at: Place,
  api: string,
  tag: string,
  attributes: Obj,
  depth = DEEPEST,
): void {
  if (attributes.bare || attributes.elements !== null) return;
  let left = MOST_FIELDS;
  for (const [key, slot] of attributes.props) {
    if (left-- === 0) return;
    if (slot.kind === 'accessor') continue;
    if (slot instanceof Obj) {
      if (slot.kind !== 'obj' || depth === 0) continue;
      if (key === 'style') styleOf(I, at, api, slot);
      else if (HOLDERS.includes(key) || key === 'dangerouslySetInnerHTML')
        attributesOf(I, at, api, tag, slot, depth - 1);
    } else if (slot.taints !== null || slot.kind === 'union') {
      if (FETCHES.test(tag) && ADDRESSES.test(key)) fetched(I, at, `${api} ${key}`, slot, ADDRESS);
      else if (key === 'style') fetched(I, at, `${api} style`, slot, IN_STYLE);
      else if (MARKUP.includes(key)) markupRendered(I, at, api, slot);
    }
  }
}

function styleOf(I: Interpreter, at: Place, api: string, style: Obj): void {
  for (const slot of [...style.props.values()].slice(0, MOST_FIELDS))
    if (slot.kind !== 'accessor' && !(slot instanceof Obj) && slot.taints !== null)
      fetched(I, at, `${api} style`, slot, IN_STYLE);
}

/** HTML that a framework renders, whole or as a template with values in it. */
export function markupRendered(I: Interpreter, at: Place, api: string, value: Value): void {
  const shown = value.taints === null ? null : knownText(value);
  if (shown === null || shown.length > LONGEST || !shown.includes(HOLE)) return;
  const taints = ofPage(value.taints);
  if (taints === null) return;
  for (const pattern of [IN_MARKUP, IN_STYLE])
    for (const match of shown.matchAll(new RegExp(pattern, 'gi')))
      if (match[1]?.includes(HOLE) === true) addressFetched(I, at, `${api} markup`, match[1], text(match[1], taints));
}

/** An attribute or property of an element that is not known is given an address. */
export function attributeSet(I: Interpreter, at: Place, api: string, name: string, value: Value): void {
  if (value.taints === null && value.kind !== 'union') return;
  if (LOADED.test(name)) fetched(I, at, `${api} ${name}`, value, ADDRESS);
  else if (STYLES.test(name)) fetched(I, at, `${api} style`, value, IN_STYLE);
}

const STYLES =
  /^(?:style|cssText|background(?:Image|-image)?|--[\w-]+|listStyleImage|borderImage(?:Source)?|mask(?:Image)?|content|cursor)$/;

function fetched(I: Interpreter, at: Place, api: string, value: Value, pattern: RegExp): void {
  for (const each of alternatives(value)) {
    const taints = ofPage(deepTaints(each));
    const address = taints === null ? undefined : pattern.exec(knownText(each) ?? '')?.[1];
    if (address?.includes(HOLE) === true) addressFetched(I, at, api, address, text(address, taints));
  }
}

/** What a page keeps and what is typed; what a component is given is for it to show, but never a password. */
function ofPage(taints: Taints): Taints {
  const left = taints?.filter(
    ({ source, detail }) => OF_PAGE.test(source) || (source === 'param.secret' && ONLY_SECRET.test(detail)),
  );
  return left === undefined || left.length === 0 ? null : left;
}

const OF_PAGE = /^(?:input\.(?:page|form|keys)$|secret\.|typed\.|generated\.key|wallet\.)/;

/** A template of a framework: `` html`<img src=${address}>` ``. */
export const TEMPLATE = /\b(?:src|href|data|poster|srcset)\s*=|url\(/;
