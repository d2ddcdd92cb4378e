import type { Profiler } from 'node:inspector';

/** Stages of a scan, in the order of the road. */
export const STAGES = [
  'untar',
  'prefilter',
  'parse',
  'interpret',
  'uncalled',
  'obfuscation',
  'texts',
  'rules',
  'other',
  'garbage',
] as const;
export type Stage = (typeof STAGES)[number];
export type StageTimes = Record<Stage, number>;

/** Functions whose time, with what they call, is that of a stage; the innermost of a stack counts. */
const MARKS: Readonly<Record<string, Stage>> = {
  readTarball: 'untar',
  closureOf: 'prefilter',
  isInteresting: 'prefilter',
  hasTokens: 'prefilter',
  parseText: 'parse',
  narrowed: 'parse',
  parseLazily: 'parse',
  fillBody: 'parse',
  interpretPackage: 'interpret',
  finish: 'uncalled',
  obfuscationOf: 'obfuscation',
  reportObfuscation: 'obfuscation',
  textFacts: 'texts',
  applyRules: 'rules',
  '(garbage collector)': 'garbage',
};

/** When a package was scanned, by the clock of the profile. */
export interface Span {
  id: string;
  /** Microseconds of the monotonic clock. */
  from: number;
  to: number;
}

export function noTime(): StageTimes {
  return Object.fromEntries(STAGES.map((stage) => [stage, 0])) as StageTimes;
}

/** Milliseconds by package and stage, from the samples of a CPU profile. */
export function stageTimes(profile: Profiler.Profile, spans: readonly Span[]): Map<string, StageTimes> {
  const stageOf = stagesOfNodes(profile.nodes);
  const out = new Map<string, StageTimes>();
  let at = profile.startTime;
  let index = 0;
  const deltas = profile.timeDeltas ?? [];
  for (const [position, node] of (profile.samples ?? []).entries()) {
    at += deltas[position] ?? 0;
    while (index < spans.length && (spans[index] as Span).to < at) index += 1;
    const span = spans[index];
    if (span === undefined) break;
    if (at < span.from) continue;
    const times = out.get(span.id) ?? noTime();
    // A sample stands for the time until the next one.
    times[stageOf.get(node) ?? 'other'] += (deltas[position + 1] ?? 0) / 1000;
    out.set(span.id, times);
  }
  return out;
}

function stagesOfNodes(nodes: readonly Profiler.ProfileNode[]): Map<number, Stage> {
  const parents = new Map<number, number>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const stages = new Map<number, Stage>();
  const stageOf = (id: number): Stage => {
    const known = stages.get(id);
    if (known !== undefined) return known;
    const name = byId.get(id)?.callFrame.functionName ?? '';
    const parent = parents.get(id);
    const own = Object.hasOwn(MARKS, name) ? MARKS[name] : undefined;
    const stage = own ?? (parent === undefined ? 'other' : stageOf(parent));
    stages.set(id, stage);
    return stage;
  };
  for (const node of nodes) stageOf(node.id);
  return stages;
}
