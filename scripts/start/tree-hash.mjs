import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Hash over every path, mode, link target and byte below a folder. */
export function treeHash(folder) {
  const hash = createHash('sha256');
  const walk = (path, name) => {
    const stat = lstatSync(path);
    hash.update(`${name}\0${stat.mode}\0`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (stat.isFile()) hash.update(readFileSync(path));
    else if (stat.isDirectory())
      for (const entry of readdirSync(path).sort()) walk(join(path, entry), `${name}/${entry}`);
    hash.update('\0');
  };
  walk(folder, '');
  return hash.digest('hex');
}
