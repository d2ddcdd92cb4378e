import type { SliceStep } from '../../model.js';
import type { Taint } from '../observation.js';

/** One way that something from a source took to a value; the analyzer's inner form of `Taint`, shared between values. */
export interface Flow extends Taint {
  /** Identity for joining: source, detail, place and transformations. */
  key: string;
}

/** The taints of one value; null for none, so that clean values cost nothing. */
export type Taints = readonly Flow[] | null;

const MAX_FLOWS = 24;
const MAX_STEPS = 14;

/** A fresh taint at the place where a source was read. */
export function sourceFlow(source: string, detail: string, step: SliceStep): Taints {
  const key = `${source}|${detail}|${step.file}:${step.line}|`;
  return [{ source, detail, file: step.file, line: step.line, through: [], steps: [step], key }];
}

/** Union of two taint sets, bounded; the first wins where both hold the same flow. */
export function joinTaints(a: Taints, b: Taints): Taints {
  if (a === null || a === b) return b;
  if (b === null) return a;
  let out: Flow[] | null = null;
  for (const flow of b) {
    if (holdsFlow(a, flow.key)) continue;
    if (out === null) out = [...a];
    if (out.length >= MAX_FLOWS) break;
    out.push(flow);
  }
  return out ?? a;
}

function holdsFlow(flows: readonly Flow[], key: string): boolean {
  for (let index = 0; index < flows.length; index++) if ((flows[index] as Flow).key === key) return true;
  return false;
}

/** The same taints after a transformation (`base64`, `cipher` …) at a place. */
export function transformed(taints: Taints, through: string, step: SliceStep | null): Taints {
  if (taints === null) return null;
  return taints.map((flow) => {
    const known = flow.through.includes(through);
    if (known && step === null) return flow;
    return {
      ...flow,
      through: known ? flow.through : [...flow.through, through],
      steps: step === null ? flow.steps : appended(flow.steps, step),
      key: known ? flow.key : `${flow.key}${through},`,
    };
  });
}

/** The same taints, and one of a field that a parameter has under a telling name. */
export function withField(taints: Taints, source: string, name: string): Taints {
  const of = taints?.find(
    (flow) => (flow.source === 'param' || flow.source === 'given') && !flow.detail.includes('request handler'),
  );
  if (of === undefined) return taints;
  return joinTaints(taints, [{ ...of, source, detail: name, key: `${source}|${name}|${of.key}` }]);
}

const PUBLIC = /^(?:address|public_?key|pub_?key|get_?address|get_?public_?key|sign\w*|connect|chain_?id|network)$/i;

/** What a wallet shows to everybody carries nothing of its key. */
export function withoutKey(taints: Taints, key: string): Taints {
  if (taints === null || !PUBLIC.test(key)) return taints;
  const left = taints.filter(
    (flow) => flow.source !== 'param.secret' || !/^(?:wallet|signer|keypair)$/i.test(flow.detail),
  );
  return left.length === 0 ? null : left;
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
