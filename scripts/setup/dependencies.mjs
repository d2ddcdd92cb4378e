import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './error.mjs';
import { rootFolder } from './root-folder.mjs';
import { run } from './run.mjs';

const stamp = join(rootFolder, 'node_modules', '.safe-install-lock-hash');

/** Installs this project's own npm dependencies where the lock file changed since; none of their scripts run (P7). */
export async function ensureDependencies() {
  const lock = readFileSync(join(rootFolder, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.log('set-up: npm ci --ignore-scripts');
  const code = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: rootFolder,
  });
  if (code !== 0) throw new SetupError(`npm ci ended with ${code}`, ['see its message above, then run this again']);
  writeFileSync(stamp, hash);
}
