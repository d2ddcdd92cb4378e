import type { Manifest } from '../manifest/index.js';

/** Fields of package.json whose names a package may expect beside itself. */
const DEPENDENCIES = ['dependencies', 'peerDependencies', 'optionalDependencies'];

/** Whose folder in node_modules a path lies in: the package's own, or one's that it depends on; null for all others. */
export function folderOwner(path: string, { name, raw }: Manifest): 'own' | 'dependency' | null {
  const owner = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^@./][^/]*)\/(?!.*\/?node_modules\/)/.exec(path)?.[1];
  if (owner === undefined) return null;
  if (owner === name) return 'own';
  return DEPENDENCIES.some((field) => isObject(raw[field]) && Object.hasOwn(raw[field], owner)) ? 'dependency' : null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
