import type { Interpreter } from '../interpreter/interpreter.js';
import { constantText, prim, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';

/** A page that is hidden, emptied or made deaf as a whole where a condition asks for its visitor's language or region. */

const WHOLE = /^document\.(?:body|documentElement)(?=\.|$)/;
const STYLE = /^document\.(?:body|documentElement)\.style$/;
const CALLED =
  /^document\.(?:body|documentElement)\.(?:style\.setProperty|setAttribute|toggleAttribute|remove|replaceChildren)$/;
const DISABLING: readonly [RegExp, RegExp][] = [
  [/^pointer-?events$/i, /^none\b/],
  [/^display$/, /^none\b/],
  [/^visibility$/, /^(?:hidden|collapse)\b/],
  [/^opacity$/, /^0(?:\.0\d*)?\s*(?:!|$)/],
  [/^filter$/, /^(?:blur|opacity\(0|brightness\(0)/],
];
const DECLARED =
  /(?:^|[;{\s])(?:pointer-events\s*:\s*none|display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0\s*(?:[;!}]|$)|filter\s*:\s*blur)/i;
const SHEET = /(?:^|[\s,};])(?:html|body|:root|\*)\s*(?:,[^{}]{0,80})?\{([^{}]{0,400})\}/gi;

/** Whether calls of an API path may do that. */
export function isOfPage(path: string): boolean {
  return CALLED.test(path);
}

/** `document.body.style.pointerEvents = 'none'`, `document.body.inert = true`, `style.textContent = '* { display: none }'`. */
export function pageWritten(
  I: Interpreter,
  at: Pick<Call, 'node' | 'frame'>,
  owner: string,
  key: string,
  value: Value,
): void {
  const shown = value.kind === 'prim' ? String(value.value) : null;
  if (shown === null) return;
  const disables = STYLE.test(owner)
    ? styleDisables(key, shown)
    : WHOLE.test(owner)
      ? /^(?:innerHTML|outerHTML|textContent|innerText)$/.test(key) ||
        (/^(?:inert|hidden)$/.test(key) && shown === 'true')
      : /^(?:textContent|innerHTML|innerText|insertRule)$/.test(key) && sheetDisables(shown);
  if (disables && isAsked(I)) tell(I, at, `${owner}.${key}`, shown);
}

/** `document.body.style.setProperty('display', 'none')`, `document.documentElement.setAttribute('inert', '')`, `document.body.remove()`. */
export function pageCalled(I: Interpreter, call: Call): void {
  const { path, args } = call;
  const [name, value] = args.map((each) => constantText(each));
  const disables = path.endsWith('setProperty')
    ? styleDisables(name ?? '', value ?? '')
    : path.endsWith('Attribute')
      ? /^(?:inert|hidden)$/.test(name ?? '') || (name === 'style' && DECLARED.test(value ?? ''))
      : args.length === 0;
  if (disables && isAsked(I)) tell(I, call, path, value ?? name ?? '');
}

/** Whether a condition around it asks for the visitor's language, region or time zone, maybe with a day. */
function isAsked(I: Interpreter): boolean {
  return I.guards.some((guard) => guard.kind === 'locale' || (guard.kind === 'date' && OF_PLACE.test(guard.text)));
}

const OF_PLACE = /lang|locale|region|country|zone\b|\btz\b/i;

function styleDisables(key: string, value: string): boolean {
  if (key === 'cssText') return DECLARED.test(value);
  return DISABLING.some(([name, off]) => name.test(key) && off.test(value.trim()));
}

function sheetDisables(sheet: string): boolean {
  return sheet.length < 20_000 && [...sheet.matchAll(SHEET)].some(([, block = '']) => DECLARED.test(block));
}

function tell(I: Interpreter, { node, frame }: Pick<Call, 'node' | 'frame'>, api: string, shown: string): void {
  observe(I, {
    sink: 'dom.disabled',
    api,
    target: null,
    args: [argumentFact(I, prim(shown.slice(0, 200)))],
    taints: null,
    node,
    frame,
  });
}
