// Becomes the owner of the folder (package-folder.test.ts): one without rights keeps that user out, as it would not root.
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cleanFolder, prepareFolder } from '../../src/sandbox/package-folder.js';

const folder = process.argv[2]!;
if (process.getuid?.() === 0) {
  const { uid, gid } = statSync(folder);
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
const before = prepareFolder(folder);
for (const [name, mode] of [
  ['closed', 0o000],
  ['listed', 0o400],
] as const) {
  mkdirSync(join(folder, name));
  symlinkSync('/etc', join(folder, name, 'out'));
  chmodSync(join(folder, name), mode);
}
console.log(
  JSON.stringify(
    cleanFolder(before, [])
      .undone.map(({ path }) => path.slice(folder.length + 1))
      .sort(),
  ),
);
