import type { SliceStep } from '../../../model.js';
import type { Taint } from '../../observation.js';

/** One way that something from a source took to a value; the analyzer's inner form of `Taint`, shared between values. */
export interface Flow extends Taint {
  /** Identity for joining: one number for each source, detail, place and list of transformations. */
  id: number;
}

/** The taints of one value; null for none, so that clean values cost nothing. */
export type Taints = readonly Flow[] | null;

/** Flows that one value carries at most. */
export const MAX_FLOWS = 24;
/** Flows of which a sink tells once more in which part of a request they stand. */
export const MOST_PLACED = 12;
const MAX_STEPS = 14;

let ids = new Map<string, number>();
let lastId = 0;

/** Numbers are compared where joining would compare texts; they are never given twice. */
function idOf(key: string): number {
  let id = ids.get(key);
  if (id === undefined) {
    id = ++lastId;
    ids.set(key, id);
  }
  return id;
}

/** Lets go of the identities of flows; to be called before a run begins: flows of two runs never meet. */
export function forgetFlows(): void {
  ids = new Map();
}

/** A fresh taint at the place where a source was read. */
export function sourceFlow(source: string, detail: string, step: SliceStep): Taints {
  const id = idOf(`${source}|${detail}|${step.file}:${step.line}|`);
  return [{ source, detail, file: step.file, line: step.line, through: [], steps: [step], id }];
}

/** Union of two taint sets, bounded; the first wins where both hold the same flow. */
export function joinTaints(a: Taints, b: Taints, most = MAX_FLOWS): Taints {
  if (a === null || a === b) return b;
  if (b === null) return a;
  let out: Flow[] | null = null;
  for (let index = 0; index < b.length; index++) {
    const flow = b[index] as Flow;
    if (holdsFlow(a, flow.id)) continue;
    if (out === null) out = [...a];
    if (out.length >= most) break;
    out.push(flow);
  }
  return out ?? a;
}

function holdsFlow(flows: readonly Flow[], id: number): boolean {
  for (let index = 0; index < flows.length; index++) if ((flows[index] as Flow).id === id) return true;
  return false;
}

/** A flow under another name; two of one name and detail are the same wherever they come from. */
export function renamed(flow: Flow, source: string, detail: string): Flow {
  return { ...flow, source, detail, id: idOf(`${source}|${detail}`) };
}

/** What was encoded by others and is read here: nobody disguises anything by that. */
const DECODED = 'decoded';
/** What makes a text look like another one. */
const DISGUISES = new Set(['base64', 'hex', 'base58', 'xor', 'cipher', 'charcode', 'reverse']);

/** The same taints after a transformation (`base64`, `cipher` …) at a place. */
export function transformed(taints: Taints, through: string, step: SliceStep | null): Taints {
  if (taints === null) return null;
  return taints.map((flow) => {
    const known = flow.through.includes(through);
    const covers = DISGUISES.has(through) && flow.through.includes(DECODED);
    if (known && step === null && !covers) return flow;
    const before = covers ? flow.through.filter((each) => each !== DECODED) : flow.through;
    return {
      ...flow,
      through: known ? before : [...before, through],
      steps: step === null ? flow.steps : appended(flow.steps, step),
      id: known && !covers ? flow.id : idOf(`${flow.id}>${through}`),
    };
  });
}

/** The same taints after a text was decoded; what was encoded before in the same way stays disguised. */
export function decodedFrom(taints: Taints, through: string, step: SliceStep): Taints {
  if (taints === null) return null;
  return taints.map((flow) =>
    flow.through.some((each) => DISGUISES.has(each) || each === DECODED)
      ? (transformed([flow], through, step)?.[0] ?? flow)
      : {
          ...flow,
          through: [...flow.through, through, DECODED],
          steps: appended(flow.steps, step),
          id: idOf(`${flow.id}>${through}>${DECODED}`),
        },
  );
}

/** The same taints as before a transformation. */
export function untransformed(taints: Taints, through: string): Taints {
  if (!taints?.some((flow) => flow.through.includes(through))) return taints;
  return taints.map((flow) =>
    flow.through.includes(through)
      ? { ...flow, through: flow.through.filter((step) => step !== through), id: idOf(`${flow.id}<${through}`) }
      : flow,
  );
}

/** What is told of a field of a parameter: it is not the parameter as a whole. */
const OF_A_FIELD = 'field';
/** A parameter that is taken apart where it stands: each of its names is one of its own. */
const TAKEN_APART = 'ObjectPattern';
const ofFields = new WeakMap<NonNullable<Taints>, Map<string, Taints>>();

/** The taints of a field of a value; '' for one that is not known: what comes from a parameter is told apart from the parameter itself. */
export function ofField(taints: Taints, key = ''): Taints {
  if (taints === null || !taints.some(isWhole)) return taints;
  const name = key !== '' && taints.some(({ detail }) => detail === TAKEN_APART) ? key : '';
  let known = ofFields.get(taints);
  if (known === undefined) {
    known = new Map();
    ofFields.set(taints, known);
  }
  let found = known.get(name);
  if (found === undefined) {
    found = taints.map((flow) => fieldFlow(flow, name));
    known.set(name, found);
  }
  return found;
}

function fieldFlow(flow: Flow, name: string): Flow {
  if (!isWhole(flow)) return flow;
  if (flow.detail === TAKEN_APART && name !== '') return { ...flow, detail: name, id: idOf(`${flow.id}.${name}`) };
  return { ...flow, through: [...flow.through, OF_A_FIELD], id: idOf(`${flow.id}>${OF_A_FIELD}`) };
}

/** Whether a flow is what somebody gave as a whole. */
export function isWhole({ source, through }: Pick<Flow, 'source' | 'through'>): boolean {
  return (source === 'param' || source === 'given') && !through.includes(OF_A_FIELD);
}

/** The same taints, and one of a field that a parameter, or what a tool hands to its plugins, has under a telling name. */
export function withField(
  taints: Taints,
  field: { source: string; of?: RegExp; within?: RegExp },
  name: string,
  reader = '',
): Taints {
  const isWithin = field.within?.test(reader) !== false;
  const of = taints?.find(
    (flow) =>
      isGiven(flow) && field.of?.test(flow.detail) !== false && (isWithin || field.within?.test(flow.detail) === true),
  );
  if (of === undefined) return taints;
  const { source } = field;
  return joinTaints(taints, [{ ...of, source, detail: name, id: idOf(`${source}|${name}|${of.id}`) }]);
}

function isGiven({ source, detail }: Flow): boolean {
  return (
    ((source === 'param' || source === 'given') && !detail.includes('request handler')) || source === 'tool.config'
  );
}

const PUBLIC =
  /^(?:addresses|address|public_?key|pub_?key|get_?address|get_?public_?key|sign\w*|connect|chain_?id|network)$/i;

/** What a pair of keys tells or signs; never `signingKey`, which is its key. */
const OF_A_PAIR =
  /^(?:address|public_?key|get_?address|get_?public_?key|sign(?:_?(?:message|typed_?data|transaction))?)$/i;
const PAIR = 'keypair';

/** What a key is used for, so that others can see it. */
const USED =
  /^(?:detached|box|secretbox|after|seal|diffieHellman|compute_?secret|get_?shared_?secret|scalar_?mult|verify)$/i;

/** What a wallet or a pair of keys shows to everybody, or makes with its key, carries nothing of that. */
export function withoutKey(taints: Taints, name: string): Taints {
  if (taints === null) return null;
  const isPublic = PUBLIC.test(name);
  if (!isPublic && !USED.test(name)) return taints;
  const left = taints.filter(
    ({ source, detail, through }) =>
      source !== 'generated.key' &&
      !(isPublic && source === 'param.secret' && /^(?:wallet|signer|keypair)$/i.test(detail)) &&
      !(source.startsWith('param') && through.includes(PAIR) && OF_A_PAIR.test(name)),
  );
  return left.length === taints.length ? taints : left.length === 0 ? null : left;
}

/** The same taints with one more step of provenance. */
export function withStep(taints: Taints, step: SliceStep): Taints {
  if (taints === null) return null;
  return taints.map((flow) => ({ ...flow, steps: appended(flow.steps, step) }));
}

function appended(steps: SliceStep[], step: SliceStep): SliceStep[] {
  const last = steps[steps.length - 1];
  if (last !== undefined && last.line === step.line && last.file === step.file && last.note === step.note) return steps;
  if (steps.length >= MAX_STEPS) return [...steps.slice(0, MAX_STEPS - 1), step];
  return [...steps, step];
}

const lengths = new WeakMap<NonNullable<Taints>, NonNullable<Taints>>();

/** How long something is says nothing of what others handed over, and little of what a host said. */
export function lengthOf(taints: Taints): Taints {
  if (taints === null || !taints.some(({ source }) => OF_OTHERS.test(source) || source === ANSWER)) return taints;
  let known = lengths.get(taints);
  if (known === undefined) {
    const left = taints.filter(({ source }) => !OF_OTHERS.test(source));
    known = left.length === 0 ? NOTHING : measured(left);
    lengths.set(taints, known);
  }
  return known.length === 0 ? null : known;
}

function measured(taints: NonNullable<Taints>): NonNullable<Taints> {
  return taints.map((flow) => (flow.source === ANSWER ? (transformed([flow], 'length', null)?.[0] ?? flow) : flow));
}

const ANSWER = 'net.response';
const NOTHING: NonNullable<Taints> = [];
const OF_OTHERS = /^(?:param\.|given$|input\.)/;
