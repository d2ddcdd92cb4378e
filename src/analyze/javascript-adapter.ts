import type { Phase } from '../model.js';
import { factAt } from './fact.js';
import {
  type Budget,
  DEFAULT_BUDGET,
  type FileReadings,
  interpretPackage,
  type JavaScriptResult,
  type TaintModels,
} from './javascript/index.js';
import type { JavaScriptFrontEnd } from './javascript-front-end.js';
import type { EntryPoint } from './observation.js';

/** Code that runs unasked at install gets most; code of bundled packages, which only others call, least. */
const SHARE: Readonly<Record<Phase, number>> = { install: 1, import: 0.5, bin: 0.25, metadata: 0.1 };
const BUNDLED_SHARE = 0.1;

/** The JavaScript front end as the worklist calls it: one map of files for all rounds, so that what was parsed stays parsed. */
export function javascriptFrontEnd(models: TaintModels, readings: FileReadings): JavaScriptFrontEnd {
  let files: Map<string, Uint8Array | string> | null = null;
  return (context, entries, virtualFiles) => {
    files ??= new Map<string, Uint8Array | string>(context.files.files);
    for (const [name, text] of virtualFiles) files.set(name, text);
    const all: ReturnType<JavaScriptFrontEnd> = { observations: [], facts: [], parsed: 0, reached: [] };
    const texts = files;
    for (const phase of ['install', 'import', 'bin', 'metadata'] as const) {
      const own = entries.filter((entry) => entry.phase === phase);
      if (own.length === 0) continue;
      const budget = budgetOf(phase, context.root !== '');
      const result = guarded(own, context.root === '', () =>
        interpretPackage({ files: texts, manifest: context.manifest.raw, entries: own, budget, readings }, models),
      );
      for (const [name, text] of result.virtual) virtualFiles.set(name, text);
      all.observations.push(...result.observations);
      all.facts.push(...result.facts);
      all.parsed += result.parsed.length;
      if (!own.every(({ planted }) => planted === true)) all.reached.push(...result.reached.keys());
    }
    return all;
  };
}

function budgetOf(phase: Phase, bundled: boolean): Budget {
  const share = SHARE[phase] * (bundled && phase !== 'install' ? BUNDLED_SHARE : 1);
  return {
    ...DEFAULT_BUDGET,
    steps: Math.round(DEFAULT_BUDGET.steps * share),
    plainSteps: Math.round(DEFAULT_BUDGET.plainSteps * Math.max(share, 0.25)),
    cells: Math.round(DEFAULT_BUDGET.cells * Math.max(share, 0.25)),
  };
}

/** A failure of the front end on some input is a limit of the analysis: that input is not allowed to pass. */
function guarded(entries: readonly EntryPoint[], ownCode: boolean, run: () => JavaScriptResult): JavaScriptResult {
  try {
    return run();
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 160) : 'its budget ended';
    const facts = entries.slice(0, 3).map((entry) =>
      factAt(ownCode ? 'limit.front-end' : 'limit', `the JavaScript front end gave up: ${why}`, {
        file: entry.file,
        line: 1,
        entry,
      }),
    );
    return { observations: [], facts, parsed: [], reached: new Map(), virtual: new Map() };
  }
}
