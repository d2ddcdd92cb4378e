import type { Observation, Taint } from '../observation.js';
import { isPrefix } from './by-name.js';
import { hostOf } from './host.js';

/**
 * Whether a call carries, not only in its address, what its caller also sends to an address that the caller names, by another call: one call
 * with a choice of addresses (a default and the caller's own) mirrors nothing.
 */
export function isMirrored(taint: Taint, seen: Observation, observations: readonly Observation[]): boolean {
  // A relay is told which address is meant.
  if (isOfCaller(seen.args)) return false;
  // Of an object of options one call may have this field and another one that.
  if (taint.through.includes('field')) return false;
  if (!seen.args.slice(1).some(({ taints }) => taints.some((each) => isSame(each, taint)))) return false;
  return observations.some((other) => {
    if (!isPrefix('net', other.sink) || hostOf(other) !== null || exclude(other, seen)) return false;
    if (!namesAddress(other, observations)) return false;
    // Of one call with a default address, or a base that is set elsewhere, some part is known.
    if (other.file === seen.file && other.line === seen.line && !/^[\uFFFC:]*$/.test(other.target ?? '')) return false;
    const carried = other.args.slice(1).flatMap(({ taints }) => taints.filter((each) => isSame(each, taint)));
    return carried.some((each) => wayOf(each, other) !== wayOf(taint, seen));
  });
}

/** Whether one of two calls is made only where the other is not. */
function exclude(one: Observation, other: Observation): boolean {
  const texts = new Set(other.guards.map(({ text }) => text));
  return one.guards.some(
    ({ text }) => texts.has(`not (${text})`) || texts.has(/^not \((.*)\)$/s.exec(text)?.[1] ?? '\0'),
  );
}

/** Whether the caller names the host: of what is written to a request that was made before, the request's own address says so. */
function namesAddress({ args, file, target }: Observation, observations: readonly Observation[]): boolean {
  if (args[0] !== undefined && args[0].taints.length > 0) return isOfCaller(args);
  return observations.some(
    (other) => isPrefix('net', other.sink) && other.file === file && other.target === target && isOfCaller(other.args),
  );
}

function isOfCaller([address]: Observation['args']): boolean {
  return address?.taints.some(({ source }) => isPrefix('param', source)) === true;
}

function isSame(one: Taint, other: Taint): boolean {
  if (one.through.includes('field')) return false;
  return (
    one.source === other.source && one.detail === other.detail && one.file === other.file && one.line === other.line
  );
}

/** The places that a value passes on its way into a call, and the call. */
function wayOf({ steps }: Taint, { file, line }: Observation): string {
  return [...steps.map((step) => `${step.file}:${step.line}:${step.column}`), `${file}:${line}`].join(' ');
}
