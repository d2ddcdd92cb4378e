import { join } from 'node:path';
import PackageJson from '@npmcli/package-json';
import { recoverTree } from './retired-trees.js';

/** Finishes what a killed `ci` has left in a project and its workspaces, before anything is looked at. */
export async function recoverProject(root: string, warnings: string[]): Promise<void> {
  for (const folder of [root, ...(await workspacesOf(root))]) {
    if (await recoverTree(join(folder, 'node_modules'))) {
      warnings.push(`An earlier install was broken off in ${folder}: its node_modules is again what it was before.`);
    }
  }
}

async function workspacesOf(root: string): Promise<string[]> {
  const content: unknown = await PackageJson.normalize(root).then(
    (manifest) => manifest.content,
    // A missing or broken package.json is arborist's to report.
    () => ({}),
  );
  if ((content as { workspaces?: unknown }).workspaces === undefined) return [];
  const { default: mapWorkspaces } = await import('@npmcli/map-workspaces');
  return [
    ...(await mapWorkspaces({ cwd: root, pkg: content as never }).catch(() => new Map<string, string>())).values(),
  ];
}
