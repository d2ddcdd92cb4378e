import { lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Moves a package that was written elsewhere into its folder, which is there: empty, or with the node_modules of packages below it. False
 * where that would not give what writing it there gives: the folder has other rights or owners than one made elsewhere (a
 * group that is inherited, an access list), another file system, or a node_modules of the package's own. Nothing is in the
 * folder then but what was.
 */
export function movePackage(from: string, to: string): boolean {
  const [made, wanted] = [lstatSync(from), lstatSync(to)];
  if (!wanted.isDirectory() || made.mode !== wanted.mode || made.uid !== wanted.uid || made.gid !== wanted.gid) {
    return false;
  }
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return (code === 'ENOTEMPTY' || code === 'EEXIST') && moveEntries(from, to);
  }
}

// package.json comes last: a package that was broken off has none, and the next install writes it anew.
function moveEntries(from: string, to: string): boolean {
  const present = new Set(readdirSync(to));
  const names = readdirSync(from);
  if (names.some((name) => present.has(name))) return false;
  const ordered = names.sort((a, b) => Number(a === 'package.json') - Number(b === 'package.json'));
  const moved: string[] = [];
  try {
    for (const name of ordered) {
      renameSync(join(from, name), join(to, name));
      moved.push(name);
    }
    return true;
  } catch {
    for (const name of moved) renameSync(join(to, name), join(from, name));
    return false;
  }
}
