import type { SliceStep } from '../../model.js';
import { guardOf } from '../guard.js';
import type { ArgumentFact, Guard, Observation, Taint } from '../observation.js';
import { emptyResult, type FrontEndResult, HOLE, type ScanContext, type TextTask } from '../task.js';
import { inputAfter } from './child-input.js';
import { hostsIn, onlyAddress, saysWhere, withHoles } from './hosts.js';
import { argumentOf, commandAfter, literalsAfter } from './literals.js';
import { findSources } from './sources.js';
import { withVariables } from './variables.js';
import { destroyingWalk } from './walks.js';

/** What a token pattern means: the sink it is, its API's name, and how its argument is to be read. */
export interface SinkPattern {
  sink: Observation['sink'];
  api: string;
  pattern: RegExp;
  /** Which language the argument's text is, where it is run. */
  runs?: TextTask['language'];
  /** The pattern's first group is the argument itself: a command in backticks. */
  inner?: true;
}

export interface SourcePattern {
  source: string;
  pattern: RegExp;
}

/** The tables that one token-level front end is made of. */
export interface TokenLanguage {
  language: Observation['language'];
  comment: RegExp;
  sinks: readonly SinkPattern[];
  sources: readonly SourcePattern[];
  /** Undoes what hides text: joined strings, character codes, base64. */
  fold: (text: string) => { text: string; decoded: string[] };
}

const MAX_TEXT = 2_000_000;
const MAX_HITS = 200;

/** Another text of the same program. */
export interface TextBeside {
  file: string;
  text: string;
}

/** Reads a text at token level: what it uses, with the strings beside; every source of the text is taken to reach every sink. */
export function scanTokens(
  task: TextTask,
  context: ScanContext,
  language: TokenLanguage,
  /** Files of the package that the text loads, or that load it: what they read may be what it sends. */
  beside: readonly TextBeside[] = [],
): FrontEndResult {
  const result = emptyResult();
  const cut = task.text.slice(0, MAX_TEXT);
  if (cut.length < task.text.length) result.facts.push(limitFact(task));
  const plain = cut.replace(language.comment, (comment) => comment.replace(/[^\n]/g, ' '));
  const { text: folding, decoded } = language.fold(plain);
  const folded = withVariables(folding);
  const lineOf = lineCounter(folded, task);
  const taints = [
    ...task.taints,
    ...findSources(folded, language.sources, { file: task.file, lineOf }, context),
    ...beside.flatMap(({ file, text }) => {
      const other = text.replace(language.comment, (comment) => comment.replace(/[^\n]/g, ' '));
      return findSources(
        other,
        language.sources,
        { file, lineOf: lineCounter(other, { ...task, file, line: 1 }) },
        context,
      );
    }),
  ];
  const places = [folded, ...beside.map(({ text }) => text), ...decoded.map((each) => JSON.stringify(each))].flatMap(
    hostsIn,
  );
  const answering = onlyAddress(places);
  if (answering !== null) for (const taint of taints) if (taint.source === 'net.response') taint.detail = answering;
  const guards = [...(task.guards ?? []), ...findGuards(folded, lineOf)];
  let hits = 0;
  for (const { sink, api, pattern, runs, inner } of language.sinks) {
    for (const match of folded.matchAll(new RegExp(pattern.source, pattern.flags.includes('i') ? 'gi' : 'g'))) {
      hits += 1;
      if (hits > MAX_HITS) break;
      const line = lineOf(match.index);
      const end = match.index + match[0].length;
      const known =
        inner === true ? interpolated(match[1] ?? '') : runs === undefined ? null : commandAfter(folded, end, match[0]);
      const args = known === null ? literalsAfter(folded, end, match[0]) : [argumentOf(known)];
      if (/^(?:net\.|dns)/.test(sink)) placed(sink, args, places);
      const [first] = args;
      if (
        sink === 'code.eval' &&
        first !== undefined &&
        DECODERS.test(folded.slice(match.index, end + 300).split('\n')[0] ?? '')
      )
        first.decoded = true;
      // A response is made by the request itself: it does not flow into it. A command that is known as a whole carries nothing.
      const incoming = /^(?:net\.|dns)/.test(sink)
        ? isPlainName(sink, first)
          ? []
          : taints.filter((taint) => taint.source !== 'net.response')
        : known !== null && first?.constant === true && !startsFetched(first.text ?? '')
          ? []
          : taints;
      result.observations.push(observation(task, language, { sink, api, line, args, taints: incoming, guards }));
      const text = first?.text ?? null;
      if (runs === undefined || text === null || text.replaceAll(HOLE, '').trim() === '') continue;
      const input = runs !== 'shell' ? null : (inputAfter(folded, end) ?? inputAfter(cut, cut.search(pattern)));
      result.next.push({
        ...task,
        ...(input === null ? {} : { input }),
        language: runs,
        text,
        line,
        taints: first?.constant === true ? [] : taints,
        depth: task.depth + 1,
      });
    }
  }
  const walk = destroyingWalk(
    folded,
    guards.some(({ kind }) => /^(?:locale|date|hostname|user)$/.test(kind)),
  );
  if (walk !== null)
    result.observations.push(
      observation(task, language, {
        sink: 'fs.delete',
        api: `${language.language}.destroying-walk`,
        line: lineOf(walk.at),
        args: [argumentOf(walk.call)],
        taints: [],
        guards,
      }),
    );
  for (const text of decoded) {
    if (looksLikeCode(text))
      result.next.push({ ...task, language: task.language, text, taints: [], depth: task.depth + 1 });
  }
  return result;
}

/** What makes readable code of text that is stored hidden. */
const DECODERS =
  /b(?:16|32|64|85)_?decode|decode_?base64|base64_decode|Base64\.|decompress|inflate|gunzip|uncompress|str_rot13|rot_?13|unhexlify|fromhex|hex2bin|marshal|unpack|\bpack\b|decrypt|decipher|codecs\.decode|\bchr\b|FromBase64|-bxor|\[char|DecompressString|GzipStream|DeflateStream/i;

/** A program that lies where a script may have put it, not one of the system. */
function startsFetched(command: string): boolean {
  return /(?:^|\s)["']?(?:\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|~\/|\$TMP|\.\/|%TEMP%|\$env:TEMP)/i.test(command);
}

function interpolated(text: string): string {
  return text.replace(/#\{[^{}]*\}|\$\{?[A-Za-z_]\w*(?:->)?(?:\[[^\]]*\]|\{[^}]*\})?\}?/g, HOLE);
}

/** Where a call goes that is told by a name, a field or an object: the places that stand in the program, if any. */
function placed(sink: string, args: ArgumentFact[], places: readonly string[]): void {
  for (const arg of args) if (arg.text !== null) Object.assign(arg, argumentOf(withHoles(arg.text)));
  const [place] = places;
  if (place !== undefined && !saysWhere(args))
    args.unshift(argumentOf(sink === 'dns.query' ? `${HOLE}.${place.replace(/^\.|^\w+:\/\//g, '')}` : place));
}

/** Looking up a name that is written out carries nothing. */
function isPlainName(sink: string, first: ArgumentFact | undefined): boolean {
  return sink === 'dns.query' && first?.constant === true && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(first.text ?? '');
}

function findGuards(text: string, lineOf: (at: number) => number): Guard[] {
  const guards: Guard[] = [];
  for (const match of text.matchAll(/(?:^|\n)[ \t]{0,200}(?:if|unless|elif)\b[^\n]{0,160}/g)) {
    const guard = guardOf(match[0], lineOf(match.index + 1));
    if (guard.kind !== 'other' && guards.length < 6) guards.push(guard);
  }
  return guards;
}

function observation(
  task: TextTask,
  language: TokenLanguage,
  seen: { sink: string; api: string; line: number; args: ArgumentFact[]; taints: Taint[]; guards: Guard[] },
): Observation {
  const shown = seen.args
    .map((arg) => (arg.text ?? '…').replaceAll(HOLE, '…'))
    .join(' ')
    .slice(0, 160);
  const step: SliceStep = {
    role: 'sink',
    file: task.file,
    line: seen.line,
    column: 0,
    note: `${seen.api} ${shown}`.trim(),
  };
  return {
    ...seen,
    target: seen.args[0]?.text ?? null,
    language: language.language,
    entry: task.entry,
    unasked: task.entry.asked !== true,
    resolved: true,
    file: task.file,
    column: 0,
    steps: [...(seen.taints[0]?.steps ?? []), step],
  };
}

function lineCounter(text: string, task: TextTask): (at: number) => number {
  if (task.file.endsWith('package.json')) return () => task.line;
  return (at) => task.line + (text.slice(0, at).match(/\n/g)?.length ?? 0);
}

function looksLikeCode(text: string): boolean {
  return text.length > 8 && /[(=;]/.test(text) && !/[\0-\x08\x0e-\x1f]/.test(text.slice(0, 400));
}

function limitFact(task: TextTask): FrontEndResult['facts'][number] {
  const detail = `only the first ${MAX_TEXT} characters were read`;
  return {
    id: 'limit.size',
    detail,
    entry: task.entry,
    file: task.file,
    line: 1,
    steps: [{ role: 'step', file: task.file, line: 1, column: 0, note: detail }],
  };
}

/** Base64 texts of a script that decode to readable text, longest first. */
export function decodedBase64(text: string, encoding: 'utf8' | 'utf16le'): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/["']([A-Za-z0-9+/]{24,}={0,2})["']/g)) {
    const plain = Buffer.from(match[1] ?? '', 'base64').toString(encoding);
    const readable = plain.length > 6 && !/[^\x09\x0a\x0d\x20-\x7e\u00a0-\u04ff]/.test(plain.slice(0, 600));
    if (readable) found.push(plain);
    if (found.length === 8) break;
  }
  return found;
}
