import type { InstallReport, NetworkMetrics, SandboxEvent, ScriptRun } from '../model.js';
import type { Gate } from './gate.js';
import { withHostPath } from './host-path.js';
import { describeError } from './npm-error.js';
import type { InstallOptions } from './options.js';
import { InterruptedError } from './outcome-errors.js';
import type { Placement } from './placement.js';
import { reportPackages, startTimer, toolName } from './report.js';
import type { ScriptStage } from './script-stage.js';

/** What a command has gathered so far; the report is made of it, however the command ends. */
export interface Journey {
  gate: Gate | null;
  placement: Placement | null;
  stage: ScriptStage | null;
  ownRuns: ScriptRun[];
  events: SandboxEvent[];
  warnings: string[];
  changes: InstallReport['changes'];
  lap: (name: string) => void;
}

/**
 * Travels one of the roads of an install. Always resolves to a report, also where it ends in an error (`exitCode`, `error`); everything
 * that the road held is closed then.
 */
export async function makeJourney(
  options: InstallOptions,
  travel: (journey: Journey) => Promise<void>,
): Promise<InstallReport> {
  const { laps, lap, total } = startTimer();
  const journey: Journey = {
    gate: null,
    placement: null,
    stage: null,
    ownRuns: [],
    events: [],
    warnings: [],
    changes: { added: 0, removed: 0, changed: 0 },
    lap,
  };
  let failure: ReturnType<typeof describeError> | null = null;
  let network: NetworkMetrics | undefined;
  try {
    await withHostPath(() => travel(journey));
  } catch (error) {
    failure = describeError(options.signal?.aborted === true ? new InterruptedError() : error);
  } finally {
    network = await journey.stage?.close();
    await journey.gate?.close();
    await journey.placement?.close();
  }
  total();
  return {
    schema: 1,
    tool: await toolName(),
    command: options.command,
    exitCode: failure?.exitCode ?? 0,
    dryRun: options.npm.flat['dryRun'] === true,
    packages: reportPackages(journey.gate?.admitted ?? []),
    changes: journey.changes,
    scripts: [...(journey.stage?.runs ?? []), ...journey.ownRuns],
    events: journey.events,
    ...(network === undefined ? {} : { network }),
    warnings: journey.warnings,
    error: failure?.entry ?? null,
    timings: laps,
  };
}
