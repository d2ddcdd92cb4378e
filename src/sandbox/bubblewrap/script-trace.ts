import type { ScriptTrace } from '../../model.js';
import { variablesOfRun } from '../learn/index.js';
import type { ScriptRequest } from '../sandbox.js';
import type { ExitMessage, TraceEntry } from './helper/protocol.js';
import type { Shared } from './shared.js';
import { findTracer, type Tracer } from './tracer.js';

/** The strace of a run that is to be traced; null for the usual one. */
export async function tracerFor(shared: Shared, request: ScriptRequest): Promise<Tracer | null> {
  if (request.trace !== true) return null;
  if (shared.level === 'full') return findTracer();
  return { missing: 'in the basic sandbox a script has the same filter as its helper, so no tracer can follow it' };
}

/** What the helper's trace says, for the report. */
export function traceOf(tracer: Tracer, { trace }: ExitMessage, { command, cwd }: ScriptRequest): ScriptTrace {
  const entries = trace?.entries ?? [];
  const variables = variablesOfRun(command, cwd, entries);
  const nothing = (why: string) => ({ unseen: `files, programs and addresses: ${why}`, entries, variables });
  if ('missing' in tracer) return nothing(tracer.missing);
  if (trace === null) return nothing('the script never started');
  const { dropped, complete } = trace;
  const unseen =
    dropped > 0 ? `${dropped} entries more` : complete ? null : 'what came last: the tracer was ended first';
  return { unseen, entries, variables };
}

/** Errors with which the kernel refuses a file. */
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS']);

/** How often a traced script was refused a file or a call; null where nobody saw. */
export function refusedCalls({ trace }: ExitMessage): { deniedFiles: number | null; privilegeAttempts: number | null } {
  if (trace === null) return { deniedFiles: null, privilegeAttempts: null };
  const times = (which: (entry: TraceEntry) => boolean) =>
    trace.entries.filter(which).reduce((sum, entry) => sum + entry.times, 0);
  return {
    deniedFiles: times(({ what, error }) => what !== 'refused' && what !== 'connect' && REFUSALS.has(error ?? '')),
    privilegeAttempts: times(({ what }) => what === 'refused'),
  };
}
