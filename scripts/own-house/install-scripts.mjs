import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const events = ['preinstall', 'install', 'postinstall'];

/** Runtime dependencies (the lock file's packages that are not dev-only) that npm would run a script for. */
export function packagesWithScripts(folder) {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const guilty = [];
  for (const [location, entry] of Object.entries(lock.packages)) {
    if (location === '' || entry.dev) continue;
    const manifestPath = join(folder, location, 'package.json');
    if (entry.hasInstallScript) guilty.push(location);
    else if (existsSync(manifestPath)) {
      const { scripts = {}, gypfile } = JSON.parse(readFileSync(manifestPath, 'utf8'));
      const gyp = existsSync(join(folder, location, 'binding.gyp')) && gypfile !== false;
      if (gyp || events.some((event) => scripts[event])) guilty.push(location);
    }
  }
  return guilty;
}
