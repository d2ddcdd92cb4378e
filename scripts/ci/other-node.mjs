import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../setup/run.mjs';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'safe-install-ci');

/** Path of a Node of another major version, brought from the npm registry once and kept in the user's cache. */
export async function ensureNode(major) {
  const folder = join(cache, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const code = await run('npm', [
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--no-save',
      '--loglevel=error',
      `${name}@${major}`,
    ]);
    if (code !== 0) throw new Error(`could not bring ${name}@${major}`);
  }
  return binary;
}
