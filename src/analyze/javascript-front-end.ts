import type { EntryPoint, Fact, Observation } from './observation.js';
import type { ScanContext } from './task.js';

/** What the worklist asks of the JavaScript front end: read these entries and what they import. */
export type JavaScriptFrontEnd = (
  context: ScanContext,
  entries: readonly EntryPoint[],
  /** Texts that stand in no file of the package, by the names that `entries` use; decoded code that was found is added. */
  virtualFiles: Map<string, string>,
) => { observations: Observation[]; facts: Fact[]; parsed: number; reached: string[] };
