import { type Flow, renamed, type Taints, transformed } from './taint.js';

const NAMES = 'names';

/** What the keys of an environment carry: which variables there are, and nothing of what is in them. */
export function ofNames(taints: Taints): Taints {
  return taints?.some(isWhole) === true
    ? taints.map((flow) => (isWhole(flow) ? (transformed([flow], NAMES, null)?.[0] ?? flow) : flow))
    : taints;
}

/** What is found in an environment under such keys is all of it. */
export function ofValues(taints: Taints): Taints {
  return taints?.some(isNames) === true
    ? taints.map((flow) => (isNames(flow) ? { ...renamed(flow, flow.source, flow.detail), through: [] } : flow))
    : taints;
}

function isWhole({ source, through }: Flow): boolean {
  return source === 'env.all' && !through.includes(NAMES);
}

function isNames({ source, through }: Flow): boolean {
  return source === 'env.all' && through.includes(NAMES);
}
