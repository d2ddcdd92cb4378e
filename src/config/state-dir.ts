import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** Folder of everything safe-install keeps (caches, audit log, quarantine): SAFE_INSTALL_HOME, else by the XDG rules. */
export function stateDirectory(env: Record<string, string | undefined>): string {
  if (env['SAFE_INSTALL_HOME']) return resolve(env['SAFE_INSTALL_HOME']);
  const home = env['HOME'] || homedir();
  const data = env['XDG_DATA_HOME'];
  return join(data !== undefined && isAbsolute(data) ? data : join(home, '.local', 'share'), 'safe-install');
}
