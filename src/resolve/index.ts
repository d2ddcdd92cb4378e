export {
  ArboristBase,
  type ArboristInstance,
  type ArboristOptions,
  type TreeDiff,
  type TreeNode,
} from './arborist-internals.js';
export { countChanges, diffFromScratch, writtenNodes } from './changes.js';
export { type BuildTools, type Guard, GuardedArborist } from './guarded-arborist.js';
export { lockStays } from './lock-stays.js';
export { locationOf, sourceKind, toPackageNode } from './package-node.js';
export { effectiveUrl, isFromRegistry, type RegistrySettings, registryFor } from './registry.js';
export { NoLockFileError, validateLockfile } from './validate-lockfile.js';
