import type { Phase, SliceStep } from '../../model.js';
import type { Manifest } from '../manifest/index.js';
import type { ArgumentFact, EntryPoint, Fact, Guard, Observation, Taint } from '../observation.js';
import { isPrefix, observationsAt } from './by-name.js';
import type { Extent } from './distance.js';
import { folderOwner } from './folder-owner.js';
import { isHiddenHost } from './hidden-host.js';
import {
  hostOf,
  isAddress,
  isFileHostOf,
  isLocal,
  isNamesake,
  isUsersRegistry,
  isVendorHost,
  registrableDomain,
} from './host.js';
import type { RuleSet } from './load-rules.js';
import { isMirrored } from './mirrored.js';
import { isFrom } from './origin.js';
import { isOwnSecret } from './own-secrets.js';
import { isPosed, READMES } from './posed-service.js';
import type { CallCondition, Condition, FactCondition, FlowCondition } from './schema.js';
import { isTapped } from './tapped.js';

/** What rules look at: everything seen of one package. */
export interface Evidence {
  observations: readonly Observation[];
  facts: readonly Fact[];
  manifest: Manifest;
  /** Text of a file of the package, cut at a limit; '' where there is none. */
  textOf: (file: string) => string;
  /** How much code the entries reach; a small package where it is not said. */
  extent?: Extent;
  /** Files that the entries reach. */
  read?: ReadonlySet<string>;
}

/** One place where a condition holds. */
export interface Match {
  phase: Phase;
  entry: EntryPoint | null;
  file: string;
  line: number;
  steps: SliceStep[];
  guards: Guard[];
  unasked: boolean;
  /** What was seen, in words. */
  what: string;
  /** The observation or fact itself. */
  seen: Observation | Fact;
  /** Which member of the rule's outermost `any` it fulfils, and which of the outermost `all` in that. */
  way?: number;
  part?: number;
}

/** Matches by scope: the file, the entry, the phase or the package that the members of `all` have in common. */
export type Scoped = Map<string, Match[]>;

export type Near = 'file' | 'entry' | 'phase' | 'package';

const compiled = new Map<string, RegExp>();

/** A rule's regular expression, compiled once; case does not matter. */
function regexp(text: string): RegExp {
  let found = compiled.get(text);
  if (found === undefined) {
    found = new RegExp(text, 'i');
    compiled.set(text, found);
  }
  return found;
}

/** Evaluates a condition; the result holds, scope by scope, where it is fulfilled. */
export function evaluate(
  condition: Condition,
  near: Near,
  evidence: Evidence,
  rules: RuleSet,
  universe?: ReadonlySet<string>,
): Scoped {
  if ('flow' in condition) {
    const { flow } = condition;
    return scoped(
      observationsAt(flow.to, evidence).flatMap((seen) => matchFlow(flow, seen, evidence, rules) ?? []),
      near,
    );
  }
  if ('call' in condition) {
    const { call } = condition;
    return scoped(
      observationsAt(call.to, evidence)
        .filter((seen) => matchCall(call, seen, evidence, rules))
        .map((seen) => observed(seen, null)),
      near,
    );
  }
  if ('fact' in condition)
    return scoped(evidence.facts.filter((fact) => matchFact(condition.fact, fact)).map(ofFact), near);
  if ('all' in condition) return evaluateAll(condition.all, near, evidence, rules);
  if ('any' in condition)
    return union(
      condition.any.map((member, way) => marked(evaluate(member, near, evidence, rules, universe), { way })),
    );
  return scopesWhere(condition, near, evidence, rules, universe ?? allScopes(evidence, near));
}

/** Conditions without matches of their own: they only say whether a scope may stay. */
function scopesWhere(
  condition: ScopeCondition,
  near: Near,
  evidence: Evidence,
  rules: RuleSet,
  scopes: ReadonlySet<string>,
): Scoped {
  const keep = new Map<string, Match[]>();
  for (const scope of scopes) if (holdsFor(condition, scope, near, evidence, rules)) keep.set(scope, []);
  return keep;
}

/**
 * Whether a benign separator holds for one match. What it says of calls and flows must be true of the very call that matched: a
 * harmless twin beside it separates nothing. Only under `not` the whole scope is looked at.
 */
export function separates(condition: Condition, match: Match, near: Near, evidence: Evidence, rules: RuleSet): boolean {
  const { seen } = match;
  if ('all' in condition) return condition.all.every((member) => separates(member, match, near, evidence, rules));
  if ('any' in condition) return condition.any.some((member) => separates(member, match, near, evidence, rules));
  if ('fact' in condition) return 'id' in seen && matchFact(condition.fact, seen);
  if ('call' in condition) return 'sink' in seen && matchCall(condition.call, seen, evidence, rules);
  if ('flow' in condition) return 'sink' in seen && matchFlow(condition.flow, seen, evidence, rules) !== null;
  if ('phase' in condition) return condition.phase.includes(match.phase);
  if ('source' in condition) {
    const files = new Set([match.file, ...match.steps.map((step) => step.file)]);
    return [...files].some((file) => standsIn(condition, file, evidence));
  }
  const scope = scopeOf(match, near);
  return evaluate(condition, near, evidence, rules, new Set([scope])).has(scope);
}

type ScopeCondition = Extract<
  Condition,
  { not: unknown } | { phase: unknown } | { extent: unknown } | { manifest: unknown } | { source: unknown }
>;

function holdsFor(condition: ScopeCondition, scope: string, near: Near, evidence: Evidence, rules: RuleSet): boolean {
  if ('not' in condition) return !evaluate(condition.not, near, evidence, rules, new Set([scope])).has(scope);
  if ('phase' in condition) return near === 'package' || condition.phase.includes(scope.split('\0')[0] ?? '');
  if ('extent' in condition) return isAtMost(condition.extent, evidence);
  if ('manifest' in condition) {
    const value = fieldOf(evidence.manifest.raw, condition.manifest.field);
    return (
      value !== undefined &&
      regexp(condition.manifest.matches).test(typeof value === 'string' ? value : JSON.stringify(value))
    );
  }
  return filesOfScope(scope, near, evidence).some((file) => standsIn(condition, file, evidence));
}

function standsIn({ source }: Extract<Condition, { source: unknown }>, file: string, { textOf }: Evidence): boolean {
  if (source.not_file !== undefined && regexp(source.not_file).test(file)) return false;
  return regexp(source.matches).test(textOf(file));
}

function isAtMost(most: Extent, { extent }: Evidence): boolean {
  return extent === undefined || (extent.files <= most.files && extent.bytes <= most.bytes);
}

function evaluateAll(members: readonly Condition[], near: Near, evidence: Evidence, rules: RuleSet): Scoped {
  const own: Condition[] = members.filter(
    (member) => 'flow' in member || 'call' in member || 'fact' in member || 'all' in member || 'any' in member,
  );
  const rest = members.filter((member) => !own.includes(member));
  let result: Scoped | null = null;
  for (const [part, member] of own.entries()) {
    const scopes = result === null ? undefined : new Set(result.keys());
    const found = marked(evaluate(member, near, evidence, rules, scopes), { part, way: 0 });
    result = result === null ? found : intersect(result, found);
    if (result.size === 0) return result;
  }
  const scopes: ReadonlySet<string> = result === null ? allScopes(evidence, near) : new Set(result.keys());
  for (const member of rest) {
    const keep = evaluate(member, near, evidence, rules, scopes);
    result = result === null ? keep : new Map([...result].filter(([scope]) => keep.has(scope)));
  }
  return result ?? new Map();
}

function marked(found: Scoped, place: Pick<Match, 'way' | 'part'>): Scoped {
  return new Map([...found].map(([scope, matches]) => [scope, matches.map((match) => ({ ...match, ...place }))]));
}

function matchCall(want: CallCondition, seen: Observation, evidence: Evidence, rules: RuleSet): boolean {
  if (!want.to.some((sink) => isPrefix(sink, seen.sink))) return false;
  if (want.language !== undefined && !want.language.includes(seen.language)) return false;
  if (want.unasked !== undefined && want.unasked !== seen.unasked) return false;
  if (want.answered !== undefined && want.answered !== (seen.answered === true)) return false;
  if (want.shown !== undefined && want.shown !== (seen.shown === true)) return false;
  // Where only a name matched, a rule must say that it takes that.
  if ((want.resolved ?? true) !== seen.resolved) return false;
  const fits = (arg: ArgumentFact): boolean =>
    (want.decoded === undefined || arg.decoded === want.decoded) &&
    (want.constant === undefined || arg.constant === want.constant);
  if ((want.decoded !== undefined || want.constant !== undefined) && !seen.args.some(fits)) return false;
  if (want.readable === true && !seen.args.some((arg) => fits(arg) && isReadable(arg.text ?? '', seen.file, evidence)))
    return false;
  if (want.nested !== undefined && want.nested !== IN_TEXT.test(seen.file)) return false;
  if (want.placed !== undefined && want.placed !== (seen.entry.placed === true)) return false;
  if (want.program !== undefined && want.program !== isProgram(seen.entry, evidence)) return false;
  if (want.self === true && !isOwnScript(seen)) return false;
  if (want.folder_of !== undefined && folderOwner(seen.target ?? '', evidence.manifest) !== want.folder_of)
    return false;
  if (want.api !== undefined && !regexp(want.api).test(seen.api)) return false;
  const target = seen.target ?? '';
  if (want.target !== undefined && !regexp(want.target).test(target)) return false;
  if (want.not_target !== undefined && regexp(want.not_target).test(target)) return false;
  const { arg, not_arg: notArg } = want;
  if (arg !== undefined && !argumentTexts(seen).some((text) => regexp(arg).test(text))) return false;
  if (notArg !== undefined && argumentTexts(seen).some((text) => regexp(notArg).test(text))) return false;
  if (want.guards !== undefined && !seen.guards.some((guard) => isWanted(want, guard))) return false;
  for (const [field, pattern] of Object.entries(want.fields ?? {})) {
    if (!seen.args.some((argument) => regexp(pattern).test(argumentField(argument.fields, field)))) return false;
  }
  if (want.host !== undefined && !matchHost(want.host, seen, evidence)) return false;
  if (want.host_hidden !== undefined && isHiddenHost(seen, evidence) !== want.host_hidden) return false;
  if (want.host_in !== undefined && !want.host_in.some((id) => isListed(id, seen, rules))) return false;
  return (
    want.indicators === undefined || want.indicators.some((id) => matchIndicator(id, seen, argumentTexts(seen), rules))
  );
}

/** Whether the lines of a text stand as they are in the file, or in another one that runs: nobody hid them. */
function isReadable(text: string, file: string, { textOf, read }: Evidence): boolean {
  const lines = text.split('\n').map((line) => line.trim());
  const longer = lines.filter((line) => line.length >= 16).slice(0, 200);
  if (longer.length < 3) return false;
  return [file, ...(read ?? [])].slice(0, MAX_FILES_OF_LINES).some((each) => {
    const source = textOf(each);
    // Of lines with names between their words, some are not found.
    return longer.filter((line) => source.includes(line)).length >= longer.length * 0.8;
  });
}

const MAX_FILES_OF_LINES = 40;

/** Where code of a text that is run is said to stand: `file!1`. */
const IN_TEXT = /!\d+$/;

function isWanted({ guards, not_guard: notGuard }: CallCondition, { kind, text }: Guard): boolean {
  return guards?.includes(kind) === true && (notGuard === undefined || !regexp(notGuard).test(text));
}

function isProgram({ file, phase }: EntryPoint, { manifest, textOf }: Evidence): boolean {
  return phase !== 'install' && manifest.raw['bin'] !== undefined && textOf(file).startsWith('#!');
}

/** The call is about the very script that runs. */
function isOwnScript(seen: Observation): boolean {
  const target = (seen.target ?? '').replace(/^\.\//, '');
  return target !== '' && (target === seen.file || target === seen.entry.file);
}

function matchHost(want: NonNullable<CallCondition['host']>, seen: Observation, evidence: Evidence): boolean {
  const { manifest } = evidence;
  const host = hostOf(seen);
  if (want === 'unknown') return host === null;
  if (host === null || isLocal(host)) return false;
  if (want === 'known') return true;
  if (want === 'address') return isAddress(host);
  if (want === 'registry') return isUsersRegistry(seen);
  if (want === 'own-files') return isFileHostOf(host, manifest);
  if (want === 'documented') return READMES.some((file) => evidence.textOf(file).includes(registrableDomain(host)));
  return isVendorHost(host, manifest, seen.target ?? '') === (want === 'vendor');
}

function matchIndicator(id: string, seen: Observation, texts: readonly string[], rules: RuleSet): boolean {
  const list = rules.indicators.get(id);
  if (list === undefined) return false;
  const host = hostOf(seen);
  if (host !== null && isAmong(host, list.hosts)) return true;
  if (list.hosts.some((name) => texts.some((text) => namesHost(text, name)))) return true;
  return list.patterns.some((pattern) => texts.some((text) => regexp(pattern).test(text)));
}

/** Whether the host itself is in a list; an address of which the beginning is not known has none. */
function isListed(id: string, seen: Observation, rules: RuleSet): boolean {
  const list = rules.indicators.get(id);
  const host = /^\s*\uFFFC/.test(seen.target ?? '') ? null : hostOf(seen);
  if (list === undefined || host === null) return false;
  return isAmong(host, list.hosts) || list.patterns.some((pattern) => isAt(pattern, host, seen.target ?? ''));
}

/** Some patterns are of hosts, others of folders on one. */
function isAt(pattern: string, host: string, target: string): boolean {
  return regexp(pattern).test(host) || (pattern.includes('/') && regexp(`^(?:https://)?(?:${pattern})`).test(target));
}

function isAmong(host: string, names: readonly string[]): boolean {
  return names.some((name) => host === name || host.endsWith(`.${name}`));
}

function namesHost(text: string, host: string): boolean {
  const at = text.indexOf(host);
  return (
    at >= 0 &&
    !/[\w-]/.test(text.charAt(at - 1)) &&
    !/[\w-]/.test(text.charAt(at + host.length)) &&
    text.charAt(at + host.length) !== '.'
  );
}

function matchFlow(want: FlowCondition, seen: Observation, evidence: Evidence, rules: RuleSet): Match | null {
  if (seen.taints.length === 0 || !matchCall(want, seen, evidence, rules)) return null;
  const taints = want.in_target === true ? (seen.args[0]?.taints ?? []) : seen.taints;
  const host = want.namesake === true ? (hostOf(seen) ?? '') : '';
  const fits = taints.filter(
    (taint) => matchTaint(want, taint) && (want.namesake !== true || isNamesake(taint.detail, host)),
  );
  if (fits.length === 0) return null;
  if (want.every === true && seen.taints.some((taint) => isOf(want.from, taint) && !fits.includes(taint))) return null;
  if (isPrefix('net', seen.sink) && want.from.every((source) => LEAVES.test(source)) && staysHere(seen)) return null;
  if (
    want.distinct !== undefined &&
    new Set(fits.map((taint) => `${taint.source}\0${taint.detail}`)).size < want.distinct
  )
    return null;
  if (want.own === true) {
    const to = hostOf(seen);
    if (!fits.every((taint) => isOwnSecret(taint, to, evidence))) return null;
  }
  if (want.origin !== undefined && !isFrom(want.origin, fits, evidence.manifest, rules)) return null;
  if (want.only_chosen === true && !fits.every((taint) => onlyChose(taint, seen))) return null;
  if (want.apart === true && !fits.some((taint) => goesElsewhere(want, taint, seen, evidence))) return null;
  if (want.besides === true && !fits.some((taint) => goesBesides(want, taint, seen, evidence))) return null;
  if (want.posed === true && !isPosed(seen, evidence, rules.indicators.get('services')?.hosts ?? [])) return null;
  if (want.mirrored === true && !fits.some((taint) => isMirrored(taint, seen, evidence.observations))) return null;
  if (want.tapped === true && !fits.some((taint) => isTapped(taint, seen, evidence.observations))) return null;
  return observed(seen, fits[0] ?? null);
}

/** What is stolen where it leaves the machine. */
const LEAVES = /^(?:secret|env|file|identity|param|given|input)\b/;

/** A request to a program of this very machine. */
function staysHere(seen: Observation): boolean {
  const host = hostOf(seen);
  return host !== null && LOOPBACK.test(host);
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|::1)$/;

/** Whether all that carries something is known as a whole: it said which of the texts of the code it is. */
function onlyChose({ source, detail }: Taint, { args }: Observation): boolean {
  const carriers = args.filter(({ taints }) => taints.some((each) => each.source === source && each.detail === detail));
  return carriers.length > 0 && carriers.every(({ constant }) => constant);
}

/** Whether a call has the same thing in it, as the rule asks for it. */
function carries(want: FlowCondition, { taints }: Observation, { source, detail }: Taint): boolean {
  return taints.some((each) => each.source === source && each.detail === detail && matchTaint(want, each));
}

/** A parameter of the same name in another file may be another thing: each of several providers gets the token of its own. */
function isSameThing({ taints }: Observation, { source, detail, file }: Taint): boolean {
  if (!isPrefix('param', source)) return true;
  return taints.some((each) => each.source === source && each.detail === detail && each.file === file);
}

/** Whether something of the same name is sent from another place, and never from there to a host of this domain. */
function goesBesides(want: FlowCondition, taint: Taint, seen: Observation, evidence: Evidence): boolean {
  const host = hostOf(seen);
  if (host === null) return false;
  const places = new Map<string, boolean>();
  for (const other of evidence.observations) {
    if (!isPrefix('net', other.sink) || (other.file === seen.file && other.line === seen.line)) continue;
    if (!carries(want, other, taint)) continue;
    const second = hostOf(other);
    const isSame = second !== null && (isLocal(second) || registrableDomain(second) === registrableDomain(host));
    const place = `${other.file}:${other.line}`;
    places.set(place, isSame || places.get(place) === true);
  }
  return [...places.values()].includes(false);
}

/** Whether something of the same name is sent to a host of another domain too. */
function goesElsewhere(want: FlowCondition, taint: Taint, seen: Observation, evidence: Evidence): boolean {
  const host = hostOf(seen);
  return (
    host !== null &&
    evidence.observations.some((other) => {
      if (!isPrefix('net', other.sink)) return false;
      if (!carries(want, other, taint) || !isSameThing(other, taint)) return false;
      const second = hostOf(other);
      return second !== null && !isLocal(second) && registrableDomain(second) !== registrableDomain(host);
    })
  );
}

function isOf(from: readonly string[], { source }: Taint): boolean {
  return from.some((each) => isPrefix(each, source));
}

function matchTaint(want: FlowCondition, taint: Taint): boolean {
  if (!isOf(want.from, taint)) return false;
  if (want.detail !== undefined && !regexp(want.detail).test(taint.detail)) return false;
  if (want.not_detail !== undefined && regexp(want.not_detail).test(taint.detail)) return false;
  if (want.through !== undefined && !want.through.some((step) => taint.through.includes(step))) return false;
  if (want.in_header === true && !taint.through.includes('in-header')) return false;
  return want.not_through === undefined || !want.not_through.some((step) => taint.through.includes(step));
}

function matchFact(want: FactCondition, fact: Fact): boolean {
  if (!want.id.some((id) => isPrefix(id, fact.id))) return false;
  if (want.detail !== undefined && !regexp(want.detail).test(fact.detail)) return false;
  if (want.not_detail !== undefined && regexp(want.not_detail).test(fact.detail)) return false;
  if (want.entry !== undefined && want.entry !== (fact.entry?.file === fact.file)) return false;
  return want.file === undefined || regexp(want.file).test(fact.file);
}

function argumentTexts(seen: Observation): string[] {
  const texts: string[] = seen.target === null ? [] : [seen.target.slice(0, 20_000)];
  for (const argument of seen.args) {
    if (argument.text !== null)
      texts.push(argument.text.length > 20_000 ? argument.text.slice(0, 20_000) : argument.text);
    texts.push(...Object.values(argument.fields));
  }
  return texts;
}

function observed(seen: Observation, taint: Taint | null): Match {
  const shown = (seen.target ?? '').replaceAll('\uFFFC', '…').slice(0, 120);
  const sink = seen.steps.filter((step) => step.role !== 'source');
  const steps = taint === null ? seen.steps : [...taint.steps, ...sink];
  const source = taint === null ? '' : `${taint.detail || taint.source} reaches `;
  return {
    phase: seen.entry.phase,
    entry: seen.entry,
    file: seen.file,
    line: seen.line,
    steps: unique(steps),
    guards: seen.guards,
    unasked: seen.unasked,
    what: `${source}${seen.api}${shown === '' ? '' : ` ${shown}`}`,
    seen,
  };
}

function ofFact(fact: Fact): Match {
  return {
    phase: fact.entry?.phase ?? 'metadata',
    entry: fact.entry,
    file: fact.file,
    line: fact.line,
    steps: fact.steps,
    guards: [],
    unasked: fact.entry?.asked !== true,
    what: fact.detail,
    seen: fact,
  };
}

function unique(steps: readonly SliceStep[]): SliceStep[] {
  const seen = new Set<string>();
  return steps.filter((step) => {
    const key = `${step.role}\0${step.file}\0${step.line}\0${step.column}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function scopeOf(match: Match, near: Near): string {
  if (near === 'package') return '';
  if (near === 'phase') return match.phase;
  if (near === 'file') return `${match.phase}\0${match.file}`;
  return `${match.phase}\0${match.entry?.via ?? ''}`;
}

function scoped(matches: readonly Match[], near: Near): Scoped {
  const result: Scoped = new Map();
  for (const match of matches) {
    const key = scopeOf(match, near);
    const before = result.get(key);
    if (before === undefined) result.set(key, [match]);
    else before.push(match);
  }
  return result;
}

function allScopes(evidence: Evidence, near: Near): Set<string> {
  const matches = [...evidence.observations.map((seen) => observed(seen, null)), ...evidence.facts.map(ofFact)];
  return new Set(scoped(matches, near).keys());
}

function filesOfScope(scope: string, near: Near, evidence: Evidence): string[] {
  if (near === 'file') return [scope.split('\0')[1] ?? ''];
  const files = new Set<string>();
  for (const seen of evidence.observations) if (scopeOf(observed(seen, null), near) === scope) files.add(seen.file);
  const own = [...files].slice(0, 20);
  return near === 'package' ? [...new Set([...own, ...[...(evidence.read ?? [])].slice(0, 40)])] : own;
}

/** What needs several things to happen runs unasked only where each of them does. */
function intersect(a: Scoped, b: Scoped): Scoped {
  const result: Scoped = new Map();
  for (const [scope, matches] of a) {
    const others = b.get(scope);
    if (others === undefined) continue;
    const unasked = isUnasked(matches) && isUnasked(others);
    const all = [...matches, ...others];
    result.set(scope, unasked ? all : all.map((match) => (match.unasked ? { ...match, unasked: false } : match)));
  }
  return result;
}

function isUnasked(matches: readonly Match[]): boolean {
  return matches.length === 0 || matches.some((match) => match.unasked);
}

function union(all: readonly Scoped[]): Scoped {
  const result: Scoped = new Map();
  for (const each of all)
    for (const [scope, matches] of each) result.set(scope, [...(result.get(scope) ?? []), ...matches]);
  return result;
}

function fieldOf(raw: unknown, path: string): unknown {
  let value: unknown = raw;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}

// Header names have no case.
function argumentField(fields: Readonly<Record<string, string>>, wanted: string): string {
  const name = wanted.toLowerCase();
  return fields[wanted] ?? Object.entries(fields).find(([field]) => field.toLowerCase() === name)?.[1] ?? '';
}
