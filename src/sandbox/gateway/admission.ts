import type { SandboxEvent } from '../../model.js';
import type { Canary } from './canary.js';
import { findCanary } from './canary.js';

/** What the gateway must know of a script before it lets it out. */
export interface Admission {
  /** `name@version`. */
  package: string;
  /** Lifecycle event, e.g. `postinstall`. */
  script: string;
  /** Hosts besides the registries, `name` or `*.name`. */
  hosts: readonly string[];
  /** Hosts that stay closed all the same; `*` closes all. */
  deniedHosts?: readonly string[];
  /** Planted credentials that must not leave. */
  canaries: readonly Canary[];
}

/** A script while it may use the gateway. */
export interface AdmittedScript {
  readonly hosts: readonly string[];
  readonly deniedHosts: readonly string[];
  /** Records an attempt; past a bound attempts are only counted. */
  report(event: Pick<SandboxEvent, 'class' | 'target' | 'action' | 'evidence'>): void;
  /** Looks for a planted credential in text that would leave; one found is reported as event class `canary`. */
  carriesCanary(text: string, target: string): boolean;
  /** Counts a name that the registry does not know; false once there were too many (paths can carry data). */
  mayMiss(): boolean;
  /** Counts open connections; false once there are too many. */
  open(close: () => void): (() => void) | null;
  /** Ends the script's connections. */
  endAll(): void;
}

const MAX_EVENTS = 1000;
const MAX_MISSES = 24;
const MAX_OPEN = 128;

/** Makes the record of one script at the gateway. */
export function admitScript(admission: Admission, onEvent: (event: SandboxEvent) => void): AdmittedScript {
  let events = 0;
  let misses = 0;
  const open = new Set<() => void>();
  const report: AdmittedScript['report'] = (event) => {
    events++;
    if (events > MAX_EVENTS && event.class !== 'canary') return;
    const last = events === MAX_EVENTS ? { evidence: `${event.evidence} (further attempts are only counted)` } : {};
    const { package: name, script } = admission;
    onEvent({ time: new Date().toISOString(), package: name, script, ...event, ...last });
  };
  return {
    hosts: admission.hosts,
    deniedHosts: admission.deniedHosts ?? [],
    report,
    carriesCanary(text, target) {
      const found = findCanary(text, admission.canaries);
      if (found === null) return false;
      report({
        class: 'canary',
        target,
        action: 'denied',
        evidence: `carries the decoy credential of ${found.planted}`,
      });
      return true;
    },
    mayMiss: () => misses++ < MAX_MISSES,
    open(close) {
      if (open.size >= MAX_OPEN) return null;
      open.add(close);
      return () => open.delete(close);
    },
    endAll: () => {
      for (const close of open) close();
      open.clear();
    },
  };
}
