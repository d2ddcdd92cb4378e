import type { Interpreter } from '../interpreter/interpreter.js';
import { setProperty } from '../interpreter/property-writes.js';
import { Api, Bytes, constantText, HOLE, knownText, prim, text, UNDEFINED, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { markupAssigned } from './markup.js';

const ELEMENT = 'document.createElement()';

/** An element keeps its tag, since only some fetch what their attributes name. */
const createElement: Model = (_I, call) => {
  const element = new Api(ELEMENT);
  const tag = constantText(call.args.at(call.path.endsWith('NS') ? 1 : 0));
  if (tag !== null) element.props.set('@@tag', call.args.at(call.path.endsWith('NS') ? 1 : 0) as Value);
  return element;
};

/** Tags of elements that fetch what their attributes name. */
const FETCHES = /^(?:script|img|link|iframe|image|embed|object|source|video|audio|form|a)$/i;

/** `doc.createElement('img')` of a document that somebody handed over. */
const createOfOthers: Model = (I, call) => {
  const at = call.path.endsWith('NS') ? 1 : 0;
  return call.args.length === at + 1 && FETCHES.test(constantText(call.args[at]) ?? '')
    ? createElement(I, call)
    : undefined;
};

/** `setAttribute('src', …)` is the assignment of the property. */
const setAttribute: Model = (I, call) => {
  const name = constantText(call.args[0])?.toLowerCase();
  if (!(call.self instanceof Api) || name === undefined) return undefined;
  if (call.args[1] !== undefined && call.args[1].taints !== null) {
    call.self.props.set(`@@attribute:${name}`, call.args[1]);
    if (name === 'style') styleLoads(I, call, call.path, call.args[1]);
    if (/^on[a-z]+$/.test(name)) scriptText(I, call, call.path, call.args[1]);
  }
  if (/^(?:src|href|action|data|poster|ping|srcset|formaction)$/.test(name))
    setProperty(I, call.self, name, call.args[1] ?? UNDEFINED, call.node, call.frame);
  return UNDEFINED;
};

/** What an attribute was set to. */
const getAttribute: Model = (_I, call) => {
  const name = constantText(call.args[0])?.toLowerCase();
  const slot = call.self instanceof Api && name !== undefined ? call.self.own(`@@attribute:${name}`) : undefined;
  return slot === undefined || slot.kind === 'accessor' ? undefined : slot;
};

function isScript(element: Api): boolean {
  const tag = element.own('@@tag');
  return tag !== undefined && tag.kind !== 'accessor' && constantText(tag)?.toLowerCase() === 'script';
}

/** Text that a script element gets is run by the page; what stands in the code is read where it stands. */
function scriptText(I: Interpreter, at: Pick<Call, 'node' | 'frame'>, api: string, value: Value): void {
  const taints = deepTaints(value);
  if (taints === null) return;
  observe(I, {
    sink: 'dom.code',
    api,
    target: null,
    args: [argumentFact(I, value)],
    taints,
    node: at.node,
    frame: at.frame,
  });
}

const SCRIPT_TEXT = /^(?:text|textContent|innerText|innerHTML)$/;

/** `script.append(document.createTextNode(code))` */
export function scriptAppended(I: Interpreter, call: Call): void {
  if (call.self instanceof Api && isScript(call.self))
    for (const each of call.args) scriptText(I, call, call.path, each);
}

/** A node of text is what stands in it. */
const textNode: Model = (_I, call) => call.args[0];

/** A script element that gets an address: what that host answers runs in the page. */
export function scriptSource(I: Interpreter, at: Pick<Call, 'node' | 'frame'>, element: Api, value: Value): void {
  if (!isScript(element)) return;
  const shown = knownText(value);
  if (value instanceof Bytes || shown?.startsWith('data:')) scriptText(I, at, `${ELEMENT}.src`, value);
  if (shown === null) return;
  observe(I, {
    sink: 'dom.script',
    api: `${ELEMENT}.src`,
    target: shown,
    args: [argumentFact(I, value)],
    taints: value.taints,
    node: at.node,
    frame: at.frame,
  });
}

/** Properties whose text a page reads as CSS, or may when it is a style's. */
const STYLES =
  /^(?:cssText|textContent|innerHTML|innerText|background(?:Image)?|listStyle(?:Image)?|borderImage(?:Source)?|mask(?:Image)?|cursor|content|src)$/;

/** What a style sheet names is fetched as soon as an element needs it: fonts and pictures carry what stands in their addresses. */
function styleLoads(I: Interpreter, at: Pick<Call, 'node' | 'frame'>, api: string, value: Value): void {
  const address = /url\(\s*["']?((?:https?:)?\/\/[^)"'\s]+)/i.exec(knownText(value) ?? '')?.[1];
  if (address === undefined) return;
  observe(I, {
    sink: 'net.out',
    api,
    target: address,
    args: [argumentFact(I, address.includes(HOLE) ? text(address, value.taints) : prim(address, value.taints))],
    taints: value.taints,
    node: at.node,
    frame: at.frame,
  });
}

/** A property of an element is given a text, in which styles, HTML or code may stand. */
export function styleAssigned(
  I: Interpreter,
  at: Pick<Call, 'node' | 'frame'>,
  path: string,
  key: string,
  value: Value,
  element?: Api,
): void {
  if (element !== undefined && SCRIPT_TEXT.test(key) && isScript(element)) scriptText(I, at, path, value);
  if (STYLES.test(key)) styleLoads(I, at, path, value);
  markupAssigned(I, at, path, key, value);
}

/** Calls that take text in which styles may stand, by the position of that text. */
function styleAt(position: number): Model {
  return (I, call) => {
    const value = call.args[position];
    if (value !== undefined) styleLoads(I, call, call.path, value);
    return undefined;
  };
}

/** Models of elements of a page. */
export const DOM: [string, Model][] = [
  ['document.createElement', createElement],
  ['document.createElementNS', createElement],
  ['?.createElement', createOfOthers],
  ['?.createElementNS', createOfOthers],
  [`${ELEMENT}.setAttribute`, setAttribute],
  [`${ELEMENT}.getAttribute`, getAttribute],
  ['document.createTextNode', textNode],
  ...['document.body', 'document.head', 'document.documentElement'].flatMap((element): [string, Model][] => [
    [`${element}.setAttribute`, setAttribute],
    [`${element}.style.setProperty`, styleAt(1)],
  ]),
  [`${ELEMENT}.style.setProperty`, styleAt(1)],
  ['FontFace', styleAt(1)],
  ...['insertRule', 'replaceSync', 'addRule'].flatMap((name): [string, Model][] => [
    [`?.${name}`, styleAt(0)],
    [`*.${name}`, styleAt(0)],
  ]),
  ['CSSStyleSheet().replaceSync', styleAt(0)],
  ['CSSStyleSheet().insertRule', styleAt(0)],
];
