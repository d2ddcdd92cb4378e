import type { Grant } from '../sandbox/sandbox.js';
import type { InstallPolicy, RecordedApproval } from './options.js';

/** What one package's scripts may do: the default grant, the policy's additions by name and by version, then the approval's. */
export function grantFor(
  name: string,
  version: string,
  base: Grant,
  policy: InstallPolicy,
  approval: RecordedApproval | null,
): Grant {
  const additions = [policy.grants[name], policy.grants[`${name}@${version}`], approval?.grant ?? undefined];
  const start: Grant = { ...base, limits: { ...base.limits, ...defined(policy.sandbox.limits) } };
  return additions.reduce<Grant>((grant, more) => (more === undefined ? grant : widen(grant, more)), start);
}

/** A grant with what another one adds; limits and switches of the other replace. */
export function widen(grant: Grant, more: Partial<Grant>): Grant {
  const join = (a: string[], b: string[] | undefined): string[] => [...new Set([...a, ...(b ?? [])])];
  return {
    ...grant,
    writable: join(grant.writable, more.writable),
    readable: join(grant.readable, more.readable),
    hosts: join(grant.hosts, more.hosts),
    env: join(grant.env, more.env),
    deniedHosts: join(grant.deniedHosts ?? [], more.deniedHosts),
    places: [...(grant.places ?? []), ...(more.places ?? [])],
    ignoreViolations: join(grant.ignoreViolations ?? [], more.ignoreViolations),
    ...defined({ setEnv: more.setEnv, protectedDepth: more.protectedDepth, localBinding: more.localBinding }),
    limits: { ...grant.limits, ...defined(more.limits ?? {}) },
  };
}

function defined<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<Value>;
}
