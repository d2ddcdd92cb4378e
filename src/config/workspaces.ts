import { relative, resolve } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import type { NpmConfig } from './npm-config.js';

/** Names of the workspaces a command is limited to by `-w` and `--workspaces`; empty for no limit. By npm's rules. */
export async function selectedWorkspaces(npm: NpmConfig, cwd: string): Promise<string[]> {
  const { workspaces: filters, localPrefix } = npm;
  if (filters === false) return [];
  const [{ default: mapWorkspaces }, { default: PackageJson }, { default: picomatch }] = await Promise.all([
    import('@npmcli/map-workspaces'),
    import('@npmcli/package-json'),
    import('picomatch'),
  ]);
  const { content } = await PackageJson.normalize(localPrefix);
  const all = await mapWorkspaces({ cwd: localPrefix, pkg: content });
  if (filters === true) return [...all.keys()];
  const from = relative(localPrefix, cwd).startsWith('..') ? localPrefix : cwd;
  const matches = (filter: string, name: string, folder: string) =>
    filter === name ||
    resolve(from, filter) === folder ||
    picomatch.isMatch(relative(from, folder), [
      `${filter.replace(/^\.\//, '')}/*`,
      `${relative(localPrefix, filter)}/*`,
    ]);
  const chosen = [...all].filter(([name, folder]) => filters.some((filter) => matches(filter, name, folder)));
  if (chosen.length === 0) {
    throw new SafeInstallError(`No workspaces found: ${filters.map((f) => `--workspace=${f}`).join(' ')}`, {
      code: 'ENOWORKSPACES',
      exitCode: EXIT.npm,
      where: localPrefix,
      next: [all.size === 0 ? 'package.json has no workspaces.' : `There are: ${[...all.keys()].join(', ')}`],
    });
  }
  return chosen.map(([name]) => name);
}
