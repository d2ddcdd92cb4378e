import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The `rules/` folder that comes with this package, found upwards from here (sources and dist lie at different depths). */
export function defaultRulesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'rules', 'taint')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'rules');
}
