import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';

/** Whether a folder can probably be renamed from one place into the other: one device, and on Linux one mount of it. */
export function onSameMount(one: string, other: string): boolean {
  const [a, b] = [realpathSync(one), realpathSync(other)];
  if (statSync(a).dev !== statSync(b).dev) return false;
  if (!existsSync('/proc/self/mountinfo')) return true;
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((mount) => mount !== '');
  return mountOf(a, mounts) === mountOf(b, mounts);
}

function mountOf(path: string, mounts: readonly string[]): string {
  const above = mounts.filter((mount) => mount === sep || path === mount || path.startsWith(`${mount}${sep}`));
  return above.reduce((longest, mount) => (mount.length > longest.length ? mount : longest), '');
}

// Spaces and the like stand there as three octal digits.
function unescaped(mount: string): string {
  return mount.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
