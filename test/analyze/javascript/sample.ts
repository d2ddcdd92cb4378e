import type { EntryPoint, Observation } from '../../../src/analyze/index.js';
import { interpretPackage, type JavaScriptResult, loadTaintModels } from '../../../src/analyze/javascript/index.js';
import type { Phase } from '../../../src/model.js';

const models = loadTaintModels('rules/taint');

/** Follows a package of a few files from `index.js`. */
export function follow(
  files: Record<string, string> | string,
  phase: Phase = 'import',
  manifest: Record<string, unknown> = {},
): JavaScriptResult {
  const map = new Map(Object.entries(typeof files === 'string' ? { 'index.js': files } : files));
  const entries: EntryPoint[] = [
    phase === 'import'
      ? { phase, file: 'index.js', via: 'main', loaded: true }
      : { phase, file: 'index.js', via: 'scripts.postinstall' },
  ];
  return interpretPackage({ files: map, manifest: { name: 'sample', version: '1.0.0', ...manifest }, entries }, models);
}

/** Follows what several scripts of a package start at install, in one run. */
export function followScripts(
  files: Record<string, string>,
  started: readonly string[],
  args?: readonly string[],
): readonly Observation[] {
  const given = args === undefined ? {} : { args };
  const entries: EntryPoint[] = started.map((file) => ({
    phase: 'install',
    file,
    via: 'scripts.postinstall',
    ...given,
  }));
  const manifest = { name: 'sample', version: '1.0.0' };
  return interpretPackage({ files: new Map(Object.entries(files)), manifest, entries }, models).observations;
}

/** Whether something from a source reaches a sink. */
export function flows(result: JavaScriptResult, source: string, sink: string): Observation | undefined {
  return result.observations.find((each) => each.sink === sink && each.taints.some((taint) => taint.source === source));
}
