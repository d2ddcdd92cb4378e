import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './error.mjs';
import { rootFolder } from './root-folder.mjs';
import { run } from './run.mjs';

const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

/** Compiles src to dist where a source file is newer than the last build. */
export async function ensureBuild() {
  const dist = join(rootFolder, 'dist');
  const main = join(dist, 'cli', 'main.js');
  if (existsSync(main) && newest(dist) >= newest(join(rootFolder, 'src'))) return;
  console.log('set-up: npm run build');
  rmSync(dist, { recursive: true, force: true });
  const code = await run('npm', ['run', '--silent', 'build'], { cwd: rootFolder });
  if (code !== 0) throw new SetupError(`the build ended with ${code}`, ['see its message above']);
}
