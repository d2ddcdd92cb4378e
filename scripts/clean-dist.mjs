// Part of the build: takes out of dist what no source makes any more. The engine's version is a hash over dist, and the package
// ships it: a file that was left over made verdicts of this checkout unusable in every other.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const names = existsSync(dist) ? readdirSync(dist, { recursive: true }) : [];
for (const name of names) {
  const stem = name.replace(/\.d\.ts(\.map)?$|\.js(\.map)?$/, '');
  if (stem !== name && !existsSync(join(root, 'src', `${stem}.ts`))) rmSync(join(dist, name));
}
