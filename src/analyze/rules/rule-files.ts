import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The YAML files of a folder, sorted; none where it is no folder. */
export function yamlFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Whether there is a folder at a path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Hash over all files of rule folders: part of the key of the verdict cache. Reads without parsing, so that an install
 * whose verdicts are all known pays nothing for rules.
 */
export function hashRules(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const part of ['', 'behaviours', 'separators', 'indicators', 'taint']) {
      for (const file of yamlFiles(join(folder, part))) {
        hash
          .update(`${part}/${file.slice(folder.length)}\0`)
          .update(readFileSync(file))
          .update('\0');
      }
    }
  }
  return hash.digest('hex').slice(0, 32);
}
