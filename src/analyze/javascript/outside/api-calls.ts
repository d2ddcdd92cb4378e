import type * as t from '@babel/types';
import { callFunction } from '../interpreter/calls.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import {
  Api,
  Bytes,
  constantText,
  Func,
  type Future,
  knownText,
  Obj,
  prim,
  Store,
  tainted,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { PROJECT } from '../modules/paths.js';
import { throughComparison, throughVerifier } from '../taint/doors.js';
import { requestGuard, withGuard } from '../taint/guards.js';
import { ofNamedField } from '../taint/handed-fields.js';
import { inHeadersOf } from '../taint/headers-sent.js';
import { deepTaints } from '../taint/inner-taints.js';
import { noteUse } from '../taint/key-uses.js';
import { asksPlainSetting, ofPlainSetting } from '../taint/npm-settings.js';
import { partOfCookies } from '../taint/page-parts.js';
import { joinTaints, ofField, sourceFlow, type Taints, transformed, withoutKey } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { addressFetched } from './address-fetched.js';
import { keepDefaults } from './client-defaults.js';
import { serverOf } from './clients.js';
import { commandObjects } from './command-objects.js';
import { accountMade, databaseEmptied } from './database-statements.js';
import { answersIn, handBack } from './handed-back.js';
import { codeHanded } from './handed-code.js';
import { heldCallbacks } from './held-callbacks.js';
import { argumentFact, handedOver, observe } from './observe.js';
import { pageCalled } from './page-disabled.js';
import { type PathFacts, pathFacts } from './path-facts.js';
import { payeePicked, recipientPicked } from './recipients.js';
import { elementRendered } from './rendered-elements.js';
import { isHandled, OF_A_HANDLER } from './request-handlers.js';
import { requestHooks } from './request-hooks.js';
import { tagsHanded, tagsWritten } from './script-tags.js';
import { noteServer, sealedHanded } from './sealed-handed.js';
import { sinkFacts, urlOf, withoutTransport } from './sink-facts.js';

/** A call of an outside function, as the models see it. */
export interface Call {
  path: string;
  api: Api;
  /** The receiver: `this` of the call, or what the method was read from. */
  self: Value;
  args: Value[];
  node: t.Node | null;
  frame: Frame;
  isNew: boolean;
}

/** What a model makes of a call; undefined: nothing special, the default applies. */
export type Model = (I: Interpreter, call: Call) => Value | undefined;

/** Calls a value of the outside world: models, then sinks, sources, propagation and callbacks by table. */
export function callApi(
  I: Interpreter,
  api: Api,
  self: Value,
  given: Value[],
  node: t.Node | null,
  frame: Frame,
  isNew: boolean,
): Value {
  const args = api.boundArgs.length > 0 ? [...api.boundArgs, ...given] : given;
  const receiver = api.fixed || (self.kind === 'prim' && self.value === undefined) ? (api.self ?? UNDEFINED) : self;
  const call: Call = { path: api.path, api, self: receiver, args, node, frame, isNew };
  const facts = pathFacts(I.models, api.path);
  const { sink } = facts;
  let target: string | null = null;
  if (sink !== undefined) {
    I.mayThrow++;
    for (const each of eachText(call)) {
      const seen = report(I, each, sink.sink, sink.target);
      target ??= seen;
    }
    if (sink.sink === 'clipboard.write' || (sink.sink === 'process.stdin' && COPIES.test(target ?? '')))
      recipientPicked(I, 'recipient', call.args[0] ?? UNDEFINED, node, frame);
  }
  if (facts.pays) payeePicked(I, call);
  if (facts.ofPage) pageCalled(I, call);
  if (facts.use !== undefined) noteUse(I, call, facts.use);
  const made = outcome(I, call, facts, target);
  const plain = facts.picks ? partOfCookies(facts.name, args, made) : made;
  const result = sink?.sink === 'compare' ? throughComparison(I, args, plain, node, frame) : plain;
  return I.inReplaced && I.replaced.has(api.path)
    ? tainted(result, I.source('param.intercepted', `what ${api.path} gives`, node, frame.file))
    : result;
}

function outcome(I: Interpreter, call: Call, facts: PathFacts, target: string | null): Value {
  const receiver = call.self;
  const modelled = facts.model?.(I, call);
  if (modelled instanceof Bytes && modelled !== receiver) I.memory.chargeBytes(modelled.bytes?.length ?? 0);
  if (modelled !== undefined) return withSource(I, call, modelled, target);
  return byDefault(I, call, facts, target);
}

function report(I: Interpreter, call: Call, sink: string, how: string): string | null {
  const { target, args, taints, skip } = sinkFacts(I, call, sink, how);
  if (!skip) observe(I, { sink, api: call.path, target, args, taints, node: call.node, frame: call.frame });
  if (LOADS.test(sink)) loadFetched(I, call);
  else if (sink === 'fs.write') tagsWritten(I, args[1], call.node, call.frame);
  return target;
}

/** Sinks that fetch a module where they are given an address. */
const LOADS = /^code\.(?:require|worker)$/;

/** `import('https://host/?' + x)`: whoever gives out the module gets the address. */
function loadFetched(I: Interpreter, call: Call): void {
  const [first] = call.args;
  const address = first === undefined || first.taints === null ? null : knownText(first);
  if (first === undefined || address === null || !/^(?:https?:)?\/\//i.test(address)) return;
  addressFetched(I, call, call.path, address, first);
}

/** Programs that put what they read on the clipboard. */
const COPIES = /^(?:\S*\/)?(?:pbcopy|clip(?:\.exe)?|wl-copy|xclip|xsel)\b(?!.*\s-o)/;

/** Adds what the tables say of the result: sources, responses, transformations. */
function withSource(I: Interpreter, call: Call, value: Value, target: string | null): Value {
  let out = value;
  const source = I.models.sources.get(call.path);
  const isEmpty = call.isNew && call.args.length === 0 && value instanceof Store;
  if (source !== undefined && source.read !== true && !isEmpty) {
    const taints = I.source(source.source, call.path, call.node, call.frame.file);
    out = out instanceof Obj && out.kind !== 'obj' ? tainted(out, taints) : tainted(out, taints);
  }
  const through = I.models.through.get(call.path);
  if (through !== undefined && !(out instanceof Obj)) {
    out = { ...out, taints: transformed(out.taints, through, I.at(call.node, call.frame.file, 'step', through)) };
  }
  if (
    out instanceof Api &&
    target !== null &&
    out.target === null &&
    call.path !== 'require' &&
    call.path !== 'import()'
  )
    out.target = target;
  return out;
}

/** `n(9896)` in a bundle that is read in parts: the module that the bundler keeps under the id. */
function fromBundle(I: Interpreter, call: Call): Value | null {
  if (call.path.length > 20 || call.args.length !== 1) return null;
  const ids = I.loader.reading(call.frame.file)?.bundled;
  const id = call.args[0];
  const name = ids === undefined || id?.kind !== 'prim' ? undefined : ids.get(String(id.value));
  return name === undefined ? null : I.loader.outside(I, name);
}

function byDefault(I: Interpreter, call: Call, facts: PathFacts, target: string | null): Value {
  const { path, api, args } = call;
  const bundled = fromBundle(I, call);
  if (bundled !== null) return bundled;
  I.worldCalls++;
  I.mayThrow++;
  if (path.startsWith('?.')) {
    I.callsOfOthers++;
    bareName(I, call);
    if (TELLS.test(path) && isOfCaller(api.taints)) for (const each of args) answersIn(I, each);
  }
  if (path.includes('.') && !path.startsWith('fs.')) {
    databaseEmptied(I, call);
    accountMade(I, call);
  }
  if (!facts.clean && I.entry.phase === 'import') codeHanded(I, path, args, call.node, call.frame);
  if (args.length > 1) {
    elementRendered(I, path, args, call);
    throughVerifier(I, path, args, call);
  }
  let taints: Taints = api.taints;
  if (!facts.clean) {
    const given = argumentTaints(MAKES_CLIENT.test(path) ? args.map(withoutTransport) : args);
    taints = joinTaints(taints, facts.others ? ofField(given) : given);
    if (facts.sink === undefined) sealedHanded(I, call, given);
    if (call.self.kind !== 'api' || call.self !== api.self) taints = joinTaints(taints, call.self.taints);
  }
  if (taints !== null) taints = withoutKey(taints, facts.name);
  const asked = taints === null || !facts.getter ? null : constantText(args[0]);
  if (asked !== null) taints = ofNamedField(I, call.self, taints, asked, call.node, call.frame);
  else if (asksPlainSetting(path, args[0])) taints = ofPlainSetting(taints, constantText(args[0]) ?? '');
  const { through, symbol, source } = facts;
  if (through !== undefined) {
    for (const each of args) taints = joinTaints(taints, handedOver(I, each, call.node, call.frame));
    taints = transformed(taints, through, I.at(call.node, call.frame.file, 'step', `${through}: ${path}`));
  }
  if (facts.response) taints = responseTaints(I, call, target);
  // What another client gives back it has from the host.
  else if (facts.sink?.sink === 'net.out' && !call.isNew && facts.model === undefined)
    taints = joinTaints(taints, responseTaints(I, call, target));
  callbacks(I, call, target, taints);
  requestHooks(I, call, target ?? inheritedTarget(call) ?? baseOf(call));
  gather(call, taints);
  if (source !== undefined && source.read !== true && !isPlainHeader(path, args) && !asksPlainSetting(path, args[0])) {
    const from = source.source === 'net.response' ? (target ?? inheritedTarget(call) ?? path) : path;
    taints = joinTaints(taints, I.source(source.source, from, call.node, call.frame.file));
  }
  if (symbol !== undefined) return text(symbol === '$PROJECT' ? PROJECT : symbol, taints);
  if (facts.clean) return unknown(taints);
  if (path.startsWith('?.') || path.length > 120) return unknown(taints);
  const result = new Api(facts.result);
  result.depth = I.journals.depth;
  result.taints = taints;
  result.target = target ?? inheritedTarget(call) ?? baseOf(call) ?? serverOf(I.models.clients, call);
  if (result.target !== null) result.targetTaints = call.api.targetTaints ?? urlOf(call.args)?.taints ?? null;
  result.self = call.self;
  if (result.target === null) noteServer(call, result);
  if (MAKES_CLIENT.test(path)) keepDefaults(I, result, inHeadersOf(call));
  // An address stays legible in what is made of it.
  if (call.isNew && path.endsWith('PublicKey') && args[0] !== undefined) result.props.set('@@address', args[0]);
  return facts.response && !STREAM.test(path) ? responseFuture(I, result) : result;
}

/** Functions among a caller's options that are told what comes. */
const TELLS = /^\?\.(?:on(?!Err|Fail|Close|End)[A-Z]\w*|callback|cb|done|handler|listener)$/;

function isOfCaller(taints: Taints): boolean {
  return taints?.some(({ source }) => source === 'param') === true;
}

/** Calls whose options say how a client of hosts is made. */
const MAKES_CLIENT = /^(?:axios|got|request|ky|undici|needle)\b.*\.(?:create|extend|defaults|instance)$/;

/** `request.getHeader('host')` tells of a request, not of who sends it. */
function isPlainHeader(path: string, args: readonly Value[]): boolean {
  return path === '?.getHeader' && PLAIN_HEADER.test(constantText(args[0]) ?? '');
}

const PLAIN_HEADER = /^(?:host|accept[\w-]*|content-[\w-]+|user-agent|etag|traceparent|connection|transfer-encoding)$/i;

const STREAM = /\bstream\b|^(?:request|hyperquest)$/;

const MAX_TEXTS = 6;

/** A call whose first arguments may each be one of a few is several calls; alternatives that come together stay together. */
export function eachText(call: Call): Call[] {
  const [first, second] = call.args;
  const texts = alternativesOf(first, (each) => knownText(each) !== null);
  const lists = alternativesOf(second, (each) => each instanceof Obj && each.elements !== null);
  const count = Math.max(texts.length, lists.length);
  if (first === undefined || count < 2 || count > MAX_TEXTS) return [call];
  const paired = texts.length < 2 || lists.length < 2 || texts.length === lists.length;
  return Array.from({ length: paired ? count : texts.length }, (_, index) => {
    const one = texts.length < 2 ? first : (texts[index] as Value);
    const list = lists.length < 2 || !paired ? second : lists[index];
    return { ...call, args: [one, ...(list === undefined ? [] : [list]), ...call.args.slice(2)] };
  });
}

function alternativesOf(value: Value | undefined, fits: (each: Value) => boolean): Value[] {
  return value?.kind === 'union' ? value.alternatives.filter(fits) : [];
}

/** Methods that put something into a thing of the outside world: a form, a request, an archive. */
const GATHERING =
  /\(\)\.(?:append|add|set|field|attach|write|addFile|addBuffer|addReadStream|addLocalFile|file|entry|appendFile|push|update|query)$/;

/** What is put into an outside object leaves with it. */
function gather(call: Call, taints: Taints): void {
  if (call.self instanceof Api && GATHERING.test(call.path)) call.self.taints = joinTaints(call.self.taints, taints);
}

/** The base address that a client is made with: `axios.create({ baseURL })`, `got.extend({ prefixUrl })`. */
function baseOf(call: Call): string | null {
  return /\.(?:create|extend|defaults)$|(?:^|\.)Request$/.test(call.path) ? (urlOf(call.args)?.text ?? null) : null;
}

function inheritedTarget(call: Call): string | null {
  return call.api.target ?? (call.self instanceof Api ? call.self.target : null);
}

function responseFuture(I: Interpreter, result: Api): Value {
  const future = I.settled(result) as Future;
  future.taints = result.taints;
  return future;
}

/** What a response carries: the network, or what the address says it gives (metadata service, own address). */
export function responseTaints(I: Interpreter, call: Call, target: string | null): Taints {
  const url = target ?? inheritedTarget(call);
  const found = url === null ? null : matchSource(I.models.urls, url);
  const taints = I.source('net.response', url ?? call.path, call.node, call.frame.file);
  I.requests++;
  I.lastAnswer = taints;
  return found === null ? taints : joinTaints(taints, I.source(found.source, url ?? '', call.node, call.frame.file));
}

/** Queues the callbacks of a call with the parameters that the tables give them. */
export function callbacks(I: Interpreter, call: Call, target: string | null, resultTaints: Taints): void {
  commandObjects(I, call);
  if (COMMAND_LINE_READ.test(call.path)) I.readsCommandLine = true;
  const { held, callbacks: row } = pathFacts(I.models, call.path);
  if (held !== undefined) heldCallbacks(I, call, held, target, resultTaints);
  const fns = call.args.filter((each) => each.kind === 'func' || each.kind === 'union');
  if (fns.length === 0) return;
  const isExport = row === undefined && I.entry.phase === 'import' && isExported(I, call);
  for (const fn of fns) {
    if (fn.kind === 'union' && !fn.alternatives.some((each) => each.kind === 'func')) continue;
    const isThe = row !== undefined && fn === fns[fns.length - 1];
    const handled = isThe ? null : handlerParameters(I, fn, resultTaints);
    const hooked = isInterceptor(call) || isDocumentHook(call);
    const others = hooked || row?.params[0] === 'param.intercepted';
    const self = others ? parameter(I, call, 'param.intercepted', target, resultTaints) : UNDEFINED;
    const params = hooked
      ? [self, self, self]
      : isThe
        ? row.params.map((param) => parameter(I, call, param, target, resultTaints))
        : (handled ?? givenTo(I, fn, resultTaints));
    I.later(() => {
      if (I.entry.phase !== 'bin' && COMMAND.test(call.path)) {
        // A command line that nobody reads runs none of its commands.
        if (I.entry.phase === 'install' && !I.readsCommandLine) return;
        if (I.entry.phase === 'import') I.unasked = false;
      }
      if (handled !== null && fn instanceof Func) I.guards = withGuard(I.guards, requestGuard(I, fn.node, fn.file));
      const given = callFunction(I, fn, self, params, call.node, call.frame);
      if (isExport) handBack(I, given, call.frame.file);
      else if (I.entry.phase === 'import' && call.path.startsWith('?.'))
        tagsHanded(I, 'a tool', [given], call.node, call.frame, 'returned');
    });
  }
}

/** `export default defineHandler(async (event) => …)`: what the function gives goes to whoever calls what is exported. */
function isExported(I: Interpreter, { node, frame }: Call): boolean {
  const start = node?.start ?? 0;
  const before = I.loader.text(frame.file)?.slice(Math.max(0, start - 80), start) ?? '';
  return EXPORTS.test(before);
}

const EXPORTS =
  /(?:\bexport\s+default|\bexport\s+const\s+[\w$]+(?:\s*:[^=;]*)?\s*=|\bmodule\.exports\s*=|\bexports(?:\.[\w$]+|\[[^\]]*\])\s*=)\s*(?:\/\*[^*]*\*\/\s*)?$/;

/** `schema.pre('save', fn)` of a schema that somebody gave: everybody's documents, as `this` and as arguments. */
function isDocumentHook({ path, args }: Call): boolean {
  if (path !== '?.pre' && path !== '?.post') return false;
  const [event] = args;
  const names = event instanceof Obj && event.elements !== null ? event.elements : event === undefined ? [] : [event];
  return names.some((each) => DOCUMENT_EVENT.test(knownText(each) ?? ''));
}

const DOCUMENT_EVENT =
  /^(?:init|validate|save|remove|create|insertMany|bulkWrite|aggregate|(?:update|delete|replace)(?:One|Many)?|(?:find|findOneAnd|count|distinct)\w*)$/;

/** `client.interceptors.request.use(fn)` of a client that somebody gave. */
function isInterceptor({ path, api }: Call): boolean {
  if (path !== '?.use' || !(api.self instanceof Api) || !/^\?\.(?:request|response)$/.test(api.self.path)) return false;
  return api.self.self instanceof Api && api.self.self.path === '?.interceptors';
}

/** Handlers of a command line's commands (commander, yargs, cac): whoever imports the file has not typed the command. */
const COMMAND = /(?:\(\)|^\?)\.(action|command)$/;
/** What makes a command line look for its command. */
const COMMAND_LINE_READ =
  /(?:\(\)|^(?:commander|yargs|cac|sade)(?:\.\w+)*)\.(?:parse|parseAsync|parseSync|argv|runExit)$/;

/** `(req, res)` given to a router of the outside world: the first is what some client sent. */
function handlerParameters(I: Interpreter, fn: Value, resultTaints: Taints): Value[] | null {
  if (!(fn instanceof Func) || !('params' in fn.node)) return null;
  const names = fn.node.params.map((param) => (param.type === 'Identifier' ? param.name : ''));
  const at = names.findIndex((name, index) => isHandled(name, names[index + 1]));
  if (at < 0) return null;
  const detail = `${names[at]}${OF_A_HANDLER}`;
  const request = unknown(joinTaints(resultTaints, I.source('param', detail, fn.node, fn.file)));
  return names.map((_, index) => (index === at ? request : unknown(resultTaints)));
}

/** Names that never stand for what a service gives out, as tokens are. */
export const ONLY_SECRET =
  /^_?(?:(?:user|plain|raw|new|old|current)_?)?(?:password|passwd|passphrase|passcode|mnemonic|seed_?phrase|recovery_?phrase|private_?key|secret_?key|card_?(?:number|no)|cv[vc])$/i;

/** What a callback gets from whoever calls it: something of others, by the names of its parameters. */
export function givenTo(I: Interpreter, fn: Value, taints: Taints): Value[] {
  const rest = unknown(taints);
  if (!(fn instanceof Func) || !('params' in fn.node) || I.entry.phase !== 'import') return [rest, rest, rest];
  const out = fn.node.params.slice(0, 6).map((param): Value => {
    const name = param.type === 'Identifier' ? param.name : param.type;
    const step = I.at(param, fn.file, 'source', `parameter ${name} of a callback`);
    const given = joinTaints(taints, sourceFlow('given', name, step));
    if (!ONLY_SECRET.test(name)) return unknown(given);
    I.touch('param.secret', name, step);
    return unknown(joinTaints(given, sourceFlow('param.secret', name, step)));
  });
  while (out.length < 3) out.push(rest);
  return out;
}

/** A parameter that a table names: null, `result`, `arguments`, `receiver`, `api:PATH`, or a source id. */
export function parameter(
  I: Interpreter,
  call: Call,
  param: string | null,
  target: string | null,
  resultTaints: Taints,
): Value {
  if (param === null) return unknown(null);
  if (param === 'result' || param === 'arguments') return unknown(resultTaints);
  if (param === 'receiver')
    return unknown(joinTaints(call.self.taints, call.self instanceof Obj ? deepTaints(call.self, 1) : null));
  const url = target ?? inheritedTarget(call);
  if (param.startsWith('api:')) {
    const api = new Api(param.slice(4));
    api.target = url;
    if (!param.includes('Server')) api.taints = responseTaints(I, call, url);
    else if (param.includes('Request')) api.taints = I.source('input.request', call.path, call.node, call.frame.file);
    return api;
  }
  if (param === 'net.response') return unknown(responseTaints(I, call, url));
  return unknown(I.source(param, url ?? call.path, call.node, call.frame.file));
}

/** A method that only its name connects with a sink. */
function bareName(I: Interpreter, call: Call): void {
  const name = call.path.slice(2);
  const row = I.models.bareNames.get(name);
  if (row === undefined) return;
  const facts = call.args.map((each) => argumentFact(I, each));
  observe(I, {
    sink: row.sink,
    api: name,
    target: facts[0]?.text ?? null,
    args: facts,
    taints: argumentTaints(call.args),
    node: call.node,
    frame: call.frame,
    resolved: row.sure,
  });
}

/** A constant of the model's making with the taints of what it was made of. */
export function madeText(value: string, from: readonly Value[], decoded: boolean): Value {
  return prim(value, argumentTaints(from), decoded);
}
