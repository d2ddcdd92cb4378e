export {
  type BinSnapshot,
  type HiddenBin,
  hideShadowingBins,
  restoreBins,
  revealBins,
  snapshotBins,
} from './bin-folder.js';
export { type LifecycleOptions, runLifecycle } from './lifecycle.js';
export type { QueuedScript } from './queue.js';
export { DEPENDENCY_EVENTS, hostShell, ROOT_EVENTS, runOwnScript, runRootScripts } from './root-scripts.js';
export { nodeGypFolders, scriptEnvironment } from './script-environment.js';
export { ScriptFailedError } from './script-failed-error.js';
export { type LifecycleScript, scriptsOf } from './scripts-of.js';
