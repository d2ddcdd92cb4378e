// Names the version lines that `npm run shipped-verdicts` reads: every package of the lock files and spec lists given, one
// line for each major (below 1.0 each minor), so that the newest of the line is read:
// `npx tsx scripts/shipped-verdicts/collect.ts <package-lock.json | specs.txt>… > scripts/shipped-verdicts/packages.txt`
import { readFileSync } from 'node:fs';
import { parse } from 'semver';

interface Locked {
  version?: string;
  name?: string;
  link?: boolean;
  os?: string[];
}

const lines = new Set<string>();
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  const specs = file.endsWith('.json')
    ? specsOfLock(text)
    : text.split('\n').map((line) => (line.split(/\s/)[0] ?? '').trim());
  for (const spec of specs) {
    const at = spec.lastIndexOf('@');
    if (spec === '' || spec.startsWith('#')) continue;
    const [name, version] = at > 0 ? [spec.slice(0, at), spec.slice(at + 1)] : [spec, 'latest'];
    lines.add(`${name}@${lineOf(version)}`);
  }
}
console.log('# Packages that very many projects install, one version line each (made by collect.ts).');
console.log([...lines].sort().join('\n'));

function specsOfLock(text: string): string[] {
  const lock = JSON.parse(text) as { packages: Record<string, Locked> };
  return Object.entries(lock.packages).flatMap(([path, { version, name, link, os }]) => {
    const folder = path.lastIndexOf('node_modules/');
    // Packages of one system's binaries are many and large; those that most people get are added by hand.
    if (folder < 0 || version === undefined || link === true || os !== undefined) return [];
    return [`${name ?? path.slice(folder + 'node_modules/'.length)}@${version}`];
  });
}

/** The line that a version is of; a range, a tag or a line stays what it is. */
function lineOf(version: string): string {
  const exact = parse(version);
  if (exact === null || exact.prerelease.length > 0) return version;
  return exact.major > 0 ? String(exact.major) : `0.${exact.minor}`;
}
