import Arborist from '@npmcli/arborist';

/** The parts of a package.json that the road reads. */
export interface PackageManifest {
  name?: string;
  version?: string;
  scripts?: Record<string, string>;
  bin?: Record<string, string>;
  gypfile?: boolean;
  bundleDependencies?: string[] | boolean;
  deprecated?: string;
  _id?: string;
  [field: string]: unknown;
}

/** A dependency as one package asks for it. */
export interface TreeEdge {
  name: string;
  spec: string;
  type: string;
  valid: boolean;
  error: string | null;
  from: TreeNode | null;
  to: TreeNode | null;
}

/** A node of arborist's trees: a folder in node_modules, or a link. The isolated trees of `install-strategy=linked` have the same shape. */
export interface TreeNode {
  name: string;
  version: string;
  packageName: string | null;
  path: string;
  realpath: string;
  location: string;
  resolved: string | null;
  integrity: string | null;
  package: PackageManifest;
  binPaths: string[];
  isLink: boolean;
  isRoot: boolean;
  isProjectRoot: boolean;
  isWorkspace?: boolean;
  isInStore: boolean;
  isStoreLink?: boolean;
  isRootDependency?: boolean;
  isRegistryDependency: boolean;
  hasInstallScript: boolean;
  hasShrinkwrap: boolean;
  globalTop: boolean;
  inBundle: boolean;
  inDepBundle: boolean;
  inert?: boolean;
  optional: boolean;
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  depth: number;
  target: TreeNode;
  parent: TreeNode | null;
  root: TreeNode;
  meta?: {
    loadedFromDisk?: boolean;
    originalLockfileVersion?: number;
    filename?: string;
    toString?(options: { format: unknown }): string;
  };
  children: Map<string, TreeNode>;
  edgesIn: Set<TreeEdge>;
  edgesOut: Map<string, TreeEdge>;
  inventory: Map<string, TreeNode>;
  getBundler(): TreeNode | null;
}

/** What arborist means to do at one place of the tree, and below it. */
export interface TreeDiff {
  action: 'ADD' | 'CHANGE' | 'REMOVE' | null;
  actual: TreeNode | null;
  ideal: TreeNode | null;
  children: TreeDiff[];
  unchanged: TreeNode[];
  removed: TreeNode[];
}

// Arborist's own seams: registered symbols that its classes call each other by.
export const symbols = {
  diffTrees: Symbol.for('diffTrees'),
  reifyNode: Symbol.for('reifyNode'),
  removeTrash: Symbol.for('removeTrash'),
  saveIdealTree: Symbol.for('saveIdealTree'),
  checkBins: Symbol.for('checkBins'),
  handleOptionalFailure: Symbol.for('handleOptionalFailure'),
  trashList: Symbol.for('trashList'),
  rollback: Symbol.for('rollbackMoveBackRetiredUnchanged'),
} as const;

/** Options of arborist: npm's flat configuration and what a command adds. */
export type ArboristOptions = Record<string, unknown> & { path: string };

/** Arborist with the members that @types/npmcli__arborist leaves out. */
export interface ArboristInstance {
  options: Record<string, unknown>;
  path: string;
  registry: string;
  idealTree: TreeNode | null;
  actualTree: TreeNode | null;
  virtualTree: TreeNode | null;
  diff: TreeDiff | null;
  buildIdealTree(options?: Record<string, unknown>): Promise<TreeNode>;
  loadActual(options?: Record<string, unknown>): Promise<TreeNode>;
  loadVirtual(options?: Record<string, unknown>): Promise<TreeNode>;
  reify(options?: Record<string, unknown>): Promise<TreeNode>;
  rebuild(options: { nodes?: Iterable<TreeNode>; handleOptionalFailure?: boolean }): Promise<void>;
}

type Method<Args extends unknown[], Result> = (this: ArboristInstance, ...args: Args) => Result;

/** Arborist's constructor, typed as the road uses it. */
export const ArboristBase = Arborist as unknown as new (options: ArboristOptions) => ArboristInstance;

/** Calls a method of arborist that is named by one of its symbols, past any override. */
export function callBase<Args extends unknown[], Result>(self: ArboristInstance, name: symbol, ...args: Args): Result {
  const method = (ArboristBase.prototype as Record<symbol, Method<Args, Result>>)[name];
  if (method === undefined) {
    throw new TypeError(`this version of arborist has no ${String(name)}`);
  }
  return method.apply(self, args);
}
