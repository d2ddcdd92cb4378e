import type * as t from '@babel/types';
import { isBuiltinName } from '../interpreter/builtin-methods.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Api, type Value } from '../interpreter/value.js';
import { OF_A_HANDLER } from '../outside/request-handlers.js';
import { ofPlainSetting } from './npm-settings.js';
import { withSetting } from './opt-in.js';
import { type Flow, joinTaints, ofField, renamed, type Taints, withField, withoutKey } from './taint.js';
import { type Matcher, matchSource, type TaintModels } from './taint-models.js';

type Rows = TaintModels['handed'];

const NONE: Rows = [];
const MOST_NAMES = 20_000;
const rowsOf = new WeakMap<TaintModels, Map<string, Rows>>();

/** What a field carries of a value that is not known: of what others gave, what its name says. */
export function ofNamedField(
  I: Interpreter,
  target: Value,
  given: Taints,
  key: string,
  node: t.Node | null,
  frame: Frame,
): Taints {
  const all = isBuiltinName(key) ? given : ofPlainSetting(ofField(given, key), key);
  const taints = withoutTyped(all, key);
  const secret = taints === null ? null : fieldSource(I.models, key);
  const named =
    secret === null ? withSetting(withoutKey(taints, key), key) : withField(taints, secret, key, frame.name);
  return withHanded(I, named, target, key, node, frame);
}

const fieldsOf = new WeakMap<TaintModels, Map<string, Matcher | null>>();

/** The row of the table that speaks of a field's name. */
function fieldSource(models: TaintModels, key: string): Matcher | null {
  let known = fieldsOf.get(models);
  if (known === undefined) {
    known = new Map();
    fieldsOf.set(models, known);
  }
  let found = known.get(key);
  if (found === undefined) {
    found = matchSource(models.paramFields, key);
    if (known.size < MOST_NAMES) known.set(key, found);
  }
  return found;
}

/** Adds what a field of something that others handed over holds, told by what it is of: `client.token`, `event.target.value`. */
function withHanded(
  I: Interpreter,
  taints: Taints,
  target: Value,
  key: string,
  node: t.Node | null,
  frame: Frame,
): Taints {
  let out = ofOneVariable(I.models, loggedOnly(taints, key), key);
  for (const { source, of } of rows(I.models, key)) {
    const owner = ownerOf(target, of);
    if (owner === null) continue;
    const detail = `${owner.name}.${key}`;
    if (owner.flow !== null) I.touch(source, detail, I.at(node, frame.file, 'source', `${source}: ${detail}`));
    out = joinTaints(
      out,
      owner.flow === null ? I.source(source, detail, node, frame.file) : [renamed(owner.flow, source, detail)],
    );
  }
  return out;
}

/** What the log of every server holds: which page was asked for and how it went, not what came with it. */
const LOGGED =
  /^(?:method|url|originalUrl|baseUrl|path|route|routerPath|routeOptions|httpVersion|status|statusCode|statusText|protocol|host|hostname|port)$/;
/** Of what passes by anywhere, addresses may hold something. */
const ADDRESS = /rl$|^path$/;
/** What stands in the address behind its question mark: told apart from headers and body. */
const QUERY = `query${OF_A_HANDLER}`;

function loggedOnly(taints: Taints, key: string): Taints {
  if (taints === null) return null;
  if (key === 'query') return taints.map((flow) => (isOfHandler(flow) ? renamed(flow, 'param', QUERY) : flow));
  if (!LOGGED.test(key)) return taints;
  const isLogged = (flow: Flow) =>
    isOfHandler(flow) || (flow.source === 'param.intercepted' && (flow.detail.startsWith('?.') || !ADDRESS.test(key)));
  return taints.some(isLogged)
    ? taints.map((flow) => (isLogged(flow) ? renamed(flow, 'given', `${key} of a request`) : flow))
    : taints;
}

/** What an element or event is tells nothing of what was typed there (`event.target.tagName`), and its text is told apart. */
function withoutTyped(taints: Taints, key: string): Taints {
  if (taints === null || !taints.some(isOfElement)) return taints;
  if (SHOWN.test(key))
    return taints.map((flow) => (isOfElement(flow) ? renamed(flow, flow.source, shownOf(flow.detail, key)) : flow));
  if (!DESCRIBES.test(key)) return taints;
  const left = taints.filter((flow) => !isOfElement(flow));
  return left.length === 0 ? null : left;
}

function isOfElement({ source, through }: Flow): boolean {
  return source === 'input.form' && through.length === 0;
}

function shownOf(detail: string, key: string): string {
  return detail.endsWith(`.${key}`) ? detail : `${detail}.${key}`;
}

/** What an element shows, which may be typed only where it can be edited. */
const SHOWN = /^(?:textContent|innerText)$/;

const DESCRIBES =
  /^(?:tagName|nodeName|localName|nodeType|className|classList|id|type|name|href|disabled|tabIndex|timeStamp|isTrusted|(?:client|page|screen|offset)[XY]|offset(?:Width|Height)|getBoundingClientRect)$/;

function isOfHandler({ source, detail }: Flow): boolean {
  return source === 'param' && detail.endsWith(OF_A_HANDLER);
}

/** What the first line of a request that a server of the package received says: less than its headers and body. */
export function ofRequestLine(path: string, taints: Taints, key: string): Taints {
  if (taints === null || path !== 'http.ServerRequest()' || !REQUEST_LINE.test(key)) return taints;
  return taints.map((flow) =>
    flow.source === 'input.request' ? renamed(flow, flow.source, `${key} of ${flow.detail}`) : flow,
  );
}

const REQUEST_LINE = /^(?:url|method|httpVersion)$/;

/** One variable of an environment that was read as a whole. */
export function ofOneVariable(models: TaintModels, taints: Taints, key: string): Taints {
  if (taints === null || !VARIABLE.test(key) || !taints.some(({ source }) => source === 'env.all')) return taints;
  const source = matchSource(models.env, key)?.source ?? 'env.named';
  return taints.map((flow) => (flow.source === 'env.all' ? renamed(flow, source, key) : flow));
}

const VARIABLE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

function rows(models: TaintModels, key: string): Rows {
  let known = rowsOf.get(models);
  if (known === undefined) {
    known = new Map();
    rowsOf.set(models, known);
  }
  let found = known.get(key);
  if (found === undefined) {
    const fitting = models.handed.filter(({ names }) => names.test(key));
    found = fitting.length === 0 ? NONE : fitting;
    if (known.size < MOST_NAMES) known.set(key, found);
  }
  return found;
}

const MAX_CHAIN = 4;

/** Whose field it is: one of the names before it, or the parameter that it all comes from. */
function ownerOf(target: Value, of: RegExp): { name: string; flow: Flow | null } | null {
  let at: Value | null = target;
  for (let depth = 0; at instanceof Api && at.path.startsWith('?.') && depth < MAX_CHAIN; depth++) {
    const name = at.path.slice(2);
    if (of.test(name)) return { name, flow: null };
    at = at.self;
  }
  const flow = target.taints?.find(({ source, detail }) => isGiven(source) && of.test(detail));
  return flow === undefined ? null : { name: flow.detail, flow };
}

function isGiven(source: string): boolean {
  return source === 'given' || source === 'param' || source === 'param.secret' || source === 'param.intercepted';
}
