import type { ArgumentFact } from '../../observation.js';
import { LOADING_VARIABLES, writtenVariable } from '../interpreter/environment-writes.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, alternatives, HOLE, knownText, Obj, prim, type Slot, text, type Value } from '../interpreter/value.js';
import { isListed, isWorkingFolder, runsInPackage } from '../models/folders.js';
import { filesNamed } from '../modules/files-by-path.js';
import { ownPath } from '../modules/paths.js';
import { inHeadersOf } from '../taint/headers-sent.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, MAX_FLOWS, MOST_PLACED, type Taints } from '../taint/taint.js';
import type { Call } from './api-calls.js';
import { defaultsOf } from './client-defaults.js';
import { serverOf } from './clients.js';
import { ledByGit } from './git-folders.js';
import { noteShown } from './handed-back.js';
import { argumentFact, handedOver, pathTarget, publicTaints } from './observe.js';

interface SinkFacts {
  target: string | null;
  args: ArgumentFact[];
  taints: Taints;
  /** True where the call is not worth an observation: reading an own file, requiring a literal. */
  skip: boolean;
}

/** What an observation says of a call: its target, its arguments in the order that rules expect, its taints. */
export function sinkFacts(I: Interpreter, call: Call, sink: string, how: string): SinkFacts {
  let taints: Taints = null;
  const outward = sink.startsWith('net.') || sink === 'process.stdin' || sink === 'dns.query' || sink === 'mail.out';
  for (const each of call.args) {
    if (each.kind === 'func') continue;
    const sent = outward && TRANSPORTED.test(call.path) ? withoutTransport(each) : each;
    taints = joinTaints(taints, outward ? handedOver(I, sent, call.node, call.frame) : deepTaints(sent));
  }
  if (outward) {
    const placed = joinTaints(inHeadersOf(call), defaultsOf(I, call.self, call.api));
    taints = joinTaints(taints, placed, MAX_FLOWS + MOST_PLACED);
  }
  if (outward && how !== 'url') taints = joinTaints(taints, filesNamed(I, call));
  const isClient = how === 'client';
  if (isClient) how = 'receiver';
  if (how === 'receiver')
    taints = joinTaints(taints, call.self instanceof Obj && !(call.self instanceof Api) ? call.self.taints : null);
  const facts = call.args.filter((each) => each.kind !== 'func').map((each) => argumentFact(I, each));
  switch (how) {
    case 'url':
      if (call.self instanceof Api && call.path.includes('()')) taints = joinTaints(taints, call.self.taints);
      else if (call.path.includes('#')) taints = joinTaints(taints, deepTaints(call.self));
      return withTarget(
        I,
        urlOf(call.args, (call.self instanceof Api ? call.self : call.api).target),
        call,
        facts,
        taints,
      );
    case 'host':
      return withTarget(I, socketPath(call) ?? hostOf(call.args), call, facts, taints);
    case 'receiver': {
      let target = call.self instanceof Api ? call.self.target : (call.api.target ?? null);
      if (isClient) target ??= serverOf(I.models.clients, call);
      const from = call.self instanceof Api ? call.self.targetTaints : null;
      return {
        target,
        args: [argumentFact(I, target === null ? prim(undefined) : text(target, from)), ...facts],
        taints,
        skip: call.args.every((each) => each.kind === 'func'),
      };
    }
    case 'datagram': {
      // `send(message, port, host)` or `send(message, offset, length, port, host)`.
      const words = call.args.slice(1).map((each) => knownText(each) ?? HOLE);
      const at = words.findIndex((word) => /[a-z.:]/i.test(word));
      const target = at < 1 ? null : `${words[at]}:${words[at - 1]}`;
      const place = argumentFact(I, target === null ? prim(undefined) : text(target));
      return { target, args: [place, ...facts], taints, skip: false };
    }
    case 'mail':
      return { target: recipientOf(call.args[0]), args: facts, taints, skip: false };
    case 'command':
      return command(I, call, facts, taints);
    case 'none':
      // A script that is made already runs in what it is given: that is no code.
      if (/^vm\.Script\(\)\.runIn/.test(call.path)) taints = null;
      return { target: null, args: facts, taints, skip: sink === 'code.eval' && isNoCode(call) };
    default:
      return positional(I, call, sink, Number(how), facts, taints);
  }
}

/** Who gets a mail, where the code says it. */
function recipientOf(mail: Value | undefined): string | null {
  const to = mail instanceof Obj && mail.kind === 'obj' ? mail.own('to') : undefined;
  if (to === undefined || to.kind === 'accessor') return null;
  const first = to instanceof Obj && to.elements !== null ? to.elements[0] : to;
  const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(knownText(first as Value) ?? '')?.[0];
  return address === undefined ? null : `mailto:${address}`;
}

/** Requests whose options are no body. */
const TRANSPORTED =
  /^(?:follow-redirects\.)?(?:https?|got|fetch|node-fetch|undici|request|make-fetch-happen|tls|ws|isomorphic-ws)\b|^axios(?:\.create\(\))?(?:\.(?:request|get|head|delete))?$/;
/** Options of the connection itself, which no server gets to read; `credentials` says whether cookies go along. */
const CONNECTION = new Set(
  'ca cert pfx passphrase agent agentOptions httpsAgent httpAgent dispatcher https signal credentials mode cache redirect'.split(
    ' ',
  ),
);

/** What is handed over without what only makes the connection. */
export function withoutTransport(value: Value): Value {
  if (!(value instanceof Obj) || value.kind !== 'obj' || value.elements !== null) return value;
  if (![...CONNECTION].some((key) => value.props.has(key))) return value;
  const copy = new Obj(value.cls);
  copy.taints = value.taints;
  copy.rest = value.rest;
  copy.proto = value.proto;
  for (const [key, slot] of value.props) if (!CONNECTION.has(key)) copy.props.set(key, slot);
  return copy;
}

function withTarget(
  I: Interpreter,
  url: { text: string; taints: Taints } | null,
  call: Call,
  facts: ArgumentFact[],
  taints: Taints,
): SinkFacts {
  const target = url?.text ?? null;
  const first = call.args[0];
  const fact = argumentFact(I, text(target ?? HOLE, url?.taints ?? null));
  fact.constant = target !== null && !target.includes(HOLE);
  if (first !== undefined) {
    fact.fields = facts[0]?.fields ?? {};
    fact.decoded = facts[0]?.decoded ?? false;
    if (url === null) fact.taints = facts[0]?.taints ?? [];
  }
  return { target, args: [fact, ...facts.slice(1)], taints, skip: false };
}

/** URL that a request goes to, from a text or options. */
export function urlOf(args: readonly Value[], base: string | null = null): { text: string; taints: Taints } | null {
  const url = plainUrlOf(args);
  if (base === null || url === null || /^(?:[a-z][\w+.-]*:|\/\/|\uFFFC)/i.test(url.text)) return url;
  if (!/^[a-z][\w+.-]*:\/\//i.test(base)) return url;
  return { text: `${base.replace(/\/$/, '')}/${url.text.replace(/^\//, '')}`, taints: url.taints };
}

function plainUrlOf(args: readonly Value[]): { text: string; taints: Taints } | null {
  const first = args[0];
  if (first === undefined) return null;
  const shown = knownText(first);
  if (shown !== null) return { text: shown, taints: first.taints };
  if (first instanceof Api && first.target !== null) return { text: first.target, taints: first.taints };
  const options = first.kind === 'union' ? first.alternatives.find((each) => each.kind === 'obj') : first;
  if (!(options instanceof Obj) || options.kind !== 'obj') return null;
  return fromOptions(options);
}

function fromOptions(options: Obj): { text: string; taints: Taints } | null {
  let taints: Taints = null;
  const field = (name: string): string | null => {
    const slot = options.props.get(name);
    if (slot !== undefined && slot.kind !== 'accessor') taints = joinTaints(taints, slot.taints);
    return slot === undefined || slot.kind === 'accessor'
      ? null
      : (knownText(slot) ?? (slot.kind === 'prim' ? null : HOLE));
  };
  const url = field('url') ?? field('uri') ?? field('href');
  const base = field('baseURL') ?? field('prefixUrl');
  if (url !== null)
    return {
      text: base === null || /^[a-z]+:\/\//.test(url) ? url : `${base.replace(/\/$/, '')}/${url.replace(/^\//, '')}`,
      taints: joinTaints(options.taints, taints),
    };
  const host = field('hostname') ?? field('host') ?? base;
  if (host === null) {
    const socket = field('socketPath');
    return socket === null ? null : { text: `unix:${socket}`, taints: null };
  }
  const port = field('port');
  const protocol = field('protocol');
  const path = field('path') ?? field('pathname') ?? '';
  const authority = port === null || port === '443' || port === '80' || host.includes(':') ? host : `${host}:${port}`;
  return {
    text: `${protocol === null ? '' : `${protocol.replace(/:?(\/\/)?$/, '')}://`}${authority}${path}`,
    taints: joinTaints(options.taints, taints),
  };
}

/** A text alone is a path to Node's `net`: of a Unix socket, or of a pipe on Windows. */
function socketPath(call: Call): { text: string; taints: Taints } | null {
  if (!/^net\.(connect|createConnection|Socket\(\)\.connect)$/.test(call.path)) return null;
  const path = knownText(call.args[0]);
  const isPath = path !== null && !/^\d+$/.test(path) && knownText(call.args[1]) === null;
  return isPath ? { text: `unix:${path}`, taints: null } : null;
}

/** Host and port of a socket. */
export function hostOf(args: readonly Value[]): { text: string; taints: Taints } | null {
  const [first, second] = args;
  if (first instanceof Obj && first.kind === 'obj' && first.elements === null) {
    const url = fromOptions(first);
    if (url !== null) return url;
  }
  const one = knownText(first);
  const two = knownText(second);
  if (one === null) {
    // The port is not known, the host stands there.
    const isHost = two !== null && first?.kind !== 'func' && /^[a-z0-9](?:[\w-]*\.)+[\w-]+$|^localhost$/i.test(two);
    return isHost ? { text: `${two}:${HOLE}`, taints: second?.taints ?? null } : null;
  }
  if (/^\d+$/.test(one)) return { text: `${two ?? 'localhost'}:${one}`, taints: second?.taints ?? null };
  return { text: two !== null && /^\d+$/.test(two) ? `${one}:${two}` : one, taints: first?.taints ?? null };
}

/** The command line of a child process, as a shell would take it. */
export function commandLine(call: Call): string | null {
  const file = knownText(call.args[0]) ?? (call.args[0] instanceof Obj && call.args[0].elements !== null ? '' : null);
  const name = call.path.split('.').pop() ?? '';
  if (/^(exec|execSync|command|commandSync|execaCommand|execaCommandSync|shell|\$|run)$/.test(name)) return file;
  const options = call.args.find(
    (each): each is Obj => each instanceof Obj && each.elements === null && each.own('args') !== undefined,
  );
  const inOptions = options?.own('args');
  const list =
    call.args.flatMap((each) => listOf(each) ?? [])[0] ??
    (inOptions instanceof Obj && inOptions.elements !== null ? inOptions : undefined);
  const words = (list?.elements ?? []).map((each) => quoted(knownText(each) ?? HOLE));
  if (file === null && words.length === 0) return null;
  const head =
    name === 'fork' || name === 'node' || name === 'execaNode'
      ? ['node', quoted(file ?? HOLE)]
      : shellOption(call)
        ? [file ?? HOLE]
        : file === ''
          ? []
          : [quoted(file ?? HOLE)];
  return [...head, ...words].join(' ');
}

/** A list of words, also where it is not known whether it is that list: `runners[process.platform]`. */
function listOf(value: Value): Obj | null {
  return alternatives(value).find((each): each is Obj => each instanceof Obj && each.elements !== null) ?? null;
}

function shellOption(call: Call): boolean {
  return call.args.some((each) => each instanceof Obj && each.elements === null && each.props.has('shell'));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~\-\uFFFC$]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function command(I: Interpreter, call: Call, facts: ArgumentFact[], taints: Taints): SinkFacts {
  const line = commandLine(call);
  let lineTaints: Taints = call.args[0]?.taints ?? null;
  for (const each of call.args)
    if (each instanceof Obj && each.elements !== null) lineTaints = joinTaints(lineTaints, deepTaints(each));
  const shown = line === null ? null : line.replaceAll(`${I.loader.root}/`, './').replaceAll('/project/', '$PROJECT/');
  const fact = argumentFact(I, text(shown ?? HOLE, lineTaints));
  fact.constant = shown !== null && !shown.includes(HOLE);
  fact.decoded = facts.slice(0, 2).some((each) => each.decoded) || hasDecoded(call.args);
  fact.fields = {};
  for (const each of facts) for (const [key, value] of Object.entries(each.fields)) fact.fields[key] ??= value;
  inheritVariables(I, fact);
  const input = inputOf(call);
  const given = knownText(input ?? undefined)?.slice(0, LONGEST_INPUT);
  if (given !== undefined) fact.fields.input = given;
  if (input !== null) fact.inputTaints = publicTaints(deepTaints(input));
  if (call.args[1] instanceof Obj && call.args[1].elements !== null && !shellOption(call))
    fact.programTaints = call.args[0] === undefined ? [] : publicTaints(deepTaints(call.args[0]));
  return {
    target: shown,
    args: [fact, ...facts.slice(1)],
    taints: withoutPlainEnvironment(I, call, taints),
    skip: false,
  };
}

/** What the package wrote into its own environment, children find in theirs. */
function inheritVariables(I: Interpreter, fact: ArgumentFact): void {
  for (const name of LOADING_VARIABLES) {
    const written = writtenVariable(I, name);
    if (written !== undefined)
      fact.fields[`env.${name}`] ??= alternatives(written)
        .flatMap((each) => knownText(each) ?? [])
        .join(' ');
  }
}

const LONGEST_INPUT = 100_000;

/** What the child reads from its standard input: code, where it is an interpreter. */
function inputOf({ args }: Call): Value | null {
  const options = args.find((each): each is Obj => each instanceof Obj && each.own('input') !== undefined);
  const input = options?.own('input');
  return input === undefined || input.kind === 'accessor' ? null : input;
}

/** Handing the environment on to a child as it is says nothing; a child has it anyway. */
function withoutPlainEnvironment(I: Interpreter, call: Call, taints: Taints): Taints {
  if (taints === null) return null;
  const options = call.args.filter(
    (each): each is Obj => each instanceof Obj && each.elements === null && each.props.has('env'),
  );
  for (const each of options) noteInherited(I, each.own('env'));
  const inOptions = options.length > 0;
  const left = inOptions ? taints.filter((flow) => flow.source !== 'env.all' || flow.through.length > 0) : taints;
  return left.length === 0 ? null : left;
}

function noteInherited(I: Interpreter, environment: Slot | undefined): void {
  if (environment === undefined || environment.kind === 'accessor') return;
  for (const { source, steps } of deepTaints(environment) ?? [])
    if (source === 'env.all' && steps[0] !== undefined) I.noteInherited(steps[0]);
}

/** `new this.constructor({ … })`: an object literal is no code, whatever the constructor may be. */
function isNoCode({ path, args }: Call): boolean {
  if (!/^(Async|Generator)?Function$/.test(path)) return false;
  const last = args.at(-1);
  return last instanceof Obj && last.cls === 'Object' && last.elements === null && last.own('toString') === undefined;
}

function hasDecoded(args: readonly Value[]): boolean {
  return args.some(
    (each) => each instanceof Obj && (each.elements ?? []).some((item) => item.kind === 'prim' && item.decoded),
  );
}

function positional(
  I: Interpreter,
  call: Call,
  sink: string,
  index: number,
  facts: ArgumentFact[],
  taints: Taints,
): SinkFacts {
  const value = call.args[index];
  const isPath = sink.startsWith('fs.') || sink === 'code.require' || sink === 'code.native';
  const shown = isPath ? pathTarget(I, value) : knownText(value);
  const target = sink.startsWith('fs.') ? inWorkingFolder(I, sink, value, inGitFolder(sink, value, shown)) : shown;
  let args = facts;
  if (index > 0 && facts.length > index)
    args = [facts[index] as ArgumentFact, ...facts.filter((_, at) => at !== index)];
  else if (sink === 'fs.write' && facts.length > 2)
    // How it is written is no content.
    args = facts.map((each, at) => (at > 1 && each.constant ? { ...each, constant: false } : each));
  if (isPath && args[0] !== undefined && target !== null) args = [{ ...args[0], text: target }, ...args.slice(1)];
  if (sink === 'fs.write' && index === 1) args = [...args, ...ownContent(I, call.args[0])];
  const own = target !== null && (target.startsWith('./') || target === '.');
  if (sink === 'fs.read') return { target, args, taints, skip: own || value === undefined };
  if ((sink === 'code.native' || sink === 'code.require') && target !== null) {
    const written = target.endsWith('.json') ? undefined : I.written.get(target);
    if (written !== undefined) {
      const loaded = joinTaints(taints, deepTaints(written));
      return { target, args, taints: loaded, skip: sink === 'code.require' && !worthRequire(call, value, target) };
    }
  }
  if (sink === 'code.require') return { target, args, taints, skip: !worthRequire(call, value, target) };
  // A parent reads what a child prints, also where none of it is known.
  if (sink === 'console.out') {
    noteShown(I, taints);
    return { target, args, taints, skip: target === null && (I.entry.startedAt === undefined || taints === null) };
  }
  return { target, args, taints, skip: sink === 'fs.write' && isOwnOutput(call) };
}

/** What is put where git said that its hooks and settings lie. */
function inGitFolder(sink: string, value: Value | undefined, shown: string | null): string | null {
  return value !== undefined && (sink === 'fs.write' || sink === 'fs.mode') ? ledByGit(shown, value.taints) : shown;
}

/**
 * What a library or command lists by `.`, and what it writes or removes there under names that it did not make up, is of the project:
 * `./name`, or a name that a listing of the folder gave, as it is.
 */
function inWorkingFolder(I: Interpreter, sink: string, value: Value | undefined, shown: string | null): string | null {
  if (runsInPackage(I) || value === undefined) return shown;
  if (sink === 'fs.read') return isWorkingFolder(knownText(value)) ? '$PROJECT' : shown;
  if (shown === null) return isListed(value) ? `$PROJECT/${HOLE}` : null;
  return shown.startsWith(`./${HOLE}`) && knownText(value)?.startsWith('./') ? `$PROJECT${shown.slice(1)}` : shown;
}

/** `fs.writeSync(2, …)`: standard output and standard error are no files, and what a child prints is followed elsewhere. */
function isOwnOutput({ path, args: [descriptor] }: Call): boolean {
  return (
    /^fs\.writev?(?:Sync)?$/.test(path) &&
    descriptor?.kind === 'prim' &&
    (descriptor.value === 1 || descriptor.value === 2)
  );
}

const MAX_COPIED = 20_000;

/** What stands in a file or folder of the package that is copied to somewhere. */
function ownContent(I: Interpreter, from: Value | undefined): ArgumentFact[] {
  const path = knownText(from);
  const own = path === null ? null : ownPath(path, I.loader.root);
  if (own === null) return [];
  const names = I.loader.files.has(own)
    ? [own]
    : [...I.loader.files.keys()].filter((each) => each.startsWith(`${own}/`)).slice(0, 20);
  let content = '';
  for (const name of names) {
    if (content.length < MAX_COPIED) content += `${(I.loader.text(name) ?? '').slice(0, MAX_COPIED)}\n`;
  }
  return content === '' ? [] : [argumentFact(I, prim(content.slice(0, MAX_COPIED)))];
}

/** Only computed, absolute, temporary or tainted specifiers are worth telling. */
function worthRequire(call: Call, value: Value | undefined, target: string | null): boolean {
  if (value === undefined || call.path === 'require.resolve') return false;
  if (value.kind === 'prim') {
    if (typeof value.value !== 'string') return false;
    if (value.taints !== null) return true;
    return /^(data:|https?:|[/~$]|[A-Za-z]:[\\/]|.*\.node$)/.test(target ?? '') && !(target ?? '').startsWith('./');
  }
  return true;
}
