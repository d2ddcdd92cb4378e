import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, HOLE, knownText, Obj, prim, type Value } from '../interpreter/value.js';
import { argumentFact, observe } from './observe.js';
import { buildsPages } from './page-builders.js';
import { preyOf } from './page-prey.js';
import { isSyntax, printedSyntax } from './printed-syntax.js';
import { tagsHanded } from './script-tags.js';

const WORTH = 60;
const MOST = 60_000;
const MAX_TEXTS = 6;
const MOST_NODES = 40;

/** Deeds of a page that only code has. */
const DEEDS =
  /\bsendBeacon\s*\(|\bnew\s+(?:WebSocket|XMLHttpRequest|EventSource|Image|Worker)\b|(?<![.\w])fetch\s*\(|\.\s*createElement\s*\(\s*['"`]script|\bdocument\s*\.\s*(?:cookie|write)\b|\blocalStorage\b|\baddEventListener\s*\(\s*['"`](?:submit|input|change|key\w+|paste|copy)/;
const ELSEWHERE = /(?:https?:|wss?:|['"`])\/\/(?!localhost|127\.|0\.0\.0\.0)[\w.-]+/;
/** The address stands there, but not as one reads it. */
const HIDDEN = /\bfromCharCode\b|\batob\s*\(|\bunescape\s*\(/;

/**
 * A text that is code for a page, and that is given to somebody: what a bundler's plugin appends to what is built, what a template
 * puts into a page. It is told as `code.inject` and run as what it is.
 */
export function codeHanded(
  I: Interpreter,
  api: string,
  values: readonly Value[],
  node: t.Node | null,
  frame: Frame,
): void {
  tagsHanded(I, api, values, node, frame);
  if (I.handedCode.size >= MAX_TEXTS || !buildsPages(I.loader, frame.file)) return;
  for (const value of values) for (const each of alternatives(value)) lookAt(I, api, each, node, frame, 4);
}

function lookAt(I: Interpreter, api: string, value: Value, node: t.Node | null, frame: Frame, depth: number): void {
  if (value instanceof Obj) {
    if (value.kind !== 'obj' || depth === 0) return;
    const syntax = (value.elements ?? [value]).slice(0, MOST_NODES).filter(isSyntax);
    if (syntax.length > 0) {
      lookAt(I, api, prim(syntax.map(printedSyntax).join(';\n')), node, frame, depth);
      return;
    }
    const fields = value.bare ? [] : [...value.props.values()].slice(0, 24);
    for (const slot of [...(value.elements ?? []).slice(0, 8), ...fields])
      if (slot.kind !== 'accessor') for (const each of alternatives(slot)) lookAt(I, api, each, node, frame, depth - 1);
    return;
  }
  answerMixedIn(I, value, node, frame);
  const shown = value.kind === 'prim' || value.kind === 'text' ? knownText(value) : null;
  if (shown === null || shown.length < WORTH || shown.length > MOST) return;
  if (I.handedCode.size >= MAX_TEXTS || I.handedCode.has(shown)) return;
  const prey = preyOf(shown);
  if (prey === null && !(DEEDS.test(shown) && (ELSEWHERE.test(shown) || HIDDEN.test(shown)))) return;
  I.handedCode.add(shown);
  observe(I, {
    sink: 'code.inject',
    api: `handed ${api}`,
    target: prey,
    args: [argumentFact(I, prim(shown.replaceAll(HOLE, ' '), value.taints))],
    taints: value.taints,
    node,
    frame,
  });
  for (const code of scriptsOf(shown))
    I.later(() => void I.loader.runText(I, code.replaceAll(HOLE, 'null'), frame.file, null, null));
}

/** What a tool works on is given back with what a host answered in it. */
function answerMixedIn(I: Interpreter, value: Value, node: t.Node | null, frame: Frame): void {
  const has = (source: string): boolean => value.taints?.some((flow) => flow.source === source) === true;
  if (!has('input.source') || !has('net.response') || I.handedCode.has(MIXED)) return;
  I.handedCode.add(MIXED);
  const args = [argumentFact(I, value)];
  observe(I, { sink: 'code.inject', api: 'mixed in', target: null, args, taints: value.taints, node, frame });
}

const MIXED = 'mixed in';

/** The code itself, or what stands between the script tags of markup. */
function scriptsOf(shown: string): string[] {
  if (!/^\s*(?:<!--|<)/.test(shown)) return [shown.replace(/^\s*<\/?script[^>]*>|<\/script>\s*$/gi, '')];
  return [...shown.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script/gi)]
    .map((match) => match[1] as string)
    .filter((code) => code.trim() !== '');
}
