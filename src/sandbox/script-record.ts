import picomatch from 'picomatch';
import type { EventClass, SandboxEvent } from '../model.js';
import type { Grant, ScriptRequest } from './sandbox.js';

/** Everything that one script tried, with what policy says not to hear of. */
export interface ScriptRecord {
  readonly events: readonly SandboxEvent[];
  /** True where policy says that attempts on this target are only counted. */
  ignores(target: string): boolean;
  /** Records an attempt and hands it on. */
  tell(kind: EventClass, target: string, action: SandboxEvent['action'], evidence: string): void;
  /** Records an event that somebody else has handed on already. */
  keep(event: SandboxEvent): void;
  /** Says how many attempts were only counted. */
  finish(): void;
}

function matcher(patterns: readonly string[]): (target: string) => boolean {
  const globs = patterns.map((pattern) => picomatch([pattern, `${pattern.replace(/\/$/, '')}/**`], { dot: true }));
  return (target) => globs.some((matches) => matches(target));
}

/** Starts the record of one script. */
export function createScriptRecord(
  request: Pick<ScriptRequest, 'package' | 'event'>,
  grant: Pick<Grant, 'ignoreViolations'>,
  onEvent: ((event: SandboxEvent) => void) | undefined,
): ScriptRecord {
  const events: SandboxEvent[] = [];
  const ignored = new Map<string, number>();
  const ignores = matcher(grant.ignoreViolations ?? []);
  const make = (kind: EventClass, target: string, action: SandboxEvent['action'], evidence: string): SandboxEvent => ({
    time: new Date().toISOString(),
    package: request.package,
    script: request.event,
    class: kind,
    target,
    action,
    evidence,
  });
  const hand = (event: SandboxEvent) => {
    events.push(event);
    onEvent?.(event);
  };
  return {
    events,
    ignores,
    tell(kind, target, action, evidence) {
      if (ignores(target)) ignored.set(target, (ignored.get(target) ?? 0) + 1);
      else hand(make(kind, target, action, evidence));
    },
    keep: (event) => events.push(event),
    finish() {
      for (const [target, count] of ignored) {
        hand(make('file', target, 'reported', `${count} ignored by ignoreViolations`));
      }
    },
  };
}
