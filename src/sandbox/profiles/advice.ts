import type { SandboxEvent, ScriptRun } from '../../model.js';
import { profileFor } from './load.js';
import type { Profile } from './schema.js';

/**
 * What to tell a person whose script ran without the profile it needs: what it wanted, what is missing now, what can be done
 * instead, and the one command that grants it. Null where the package has no profile, the script ran well and nothing was
 * denied, or denying does no harm.
 */
export function profileAdvice(
  run: Pick<ScriptRun, 'package' | 'exitCode'>,
  events: readonly SandboxEvent[],
  granted: readonly Profile[],
): string | null {
  const at = run.package.lastIndexOf('@');
  const name = run.package.slice(0, at);
  const profile = profileFor(name, run.package.slice(at + 1));
  if (profile === null || granted.some((other) => other.name === profile.name)) return null;
  if (profile.hosts.length === 0 && profile.writes.length === 0) return null;
  const denied = events.some((event) => event.package === run.package && event.action === 'denied');
  if (run.exitCode === 0 && (!denied || profile.without.outcome === 'nothing')) return null;
  const instead = profile.without.instead === undefined ? '' : ` Without it: ${profile.without.instead}.`;
  return (
    `${run.package} needs more than the default: ${wants(profile)}. ${profile.why} ` +
    `Now: ${profile.without.means}.${instead} To grant profile "${profile.name}": safe-install grant ${name}`
  );
}

/** What a profile gives, in words. */
export function wants(profile: Profile): string {
  const parts = [
    profile.hosts.length > 0 ? `hosts ${profile.hosts.join(', ')}` : '',
    profile.writes.length > 0 ? `writing ${profile.writes.join(', ')}` : '',
    profile.env.length > 0 ? `variables ${profile.env.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ') || 'nothing';
}
