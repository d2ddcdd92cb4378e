import { copyFileSync, cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isWithin } from '../toolchain.js';

/** Files and small folders below /etc without which compilers, TLS and time zones fail; none tells about the user. */
const COPIED = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'ssl/openssl.cnf',
  'localtime',
  'timezone',
  'protocols',
  'services',
  'mime.types',
  'os-release',
  'alpine-release',
  'debian_version',
  'redhat-release',
  'gai.conf',
];

/** Folders below /etc that are too large to copy. */
const BOUND = ['alternatives', 'ssl/certs', 'pki/tls', 'pki/ca-trust', 'crypto-policies'];

/** The /etc of a sandbox: a folder of our own, which is one mount instead of twenty, and folders bound into it. */
export interface EtcFolder {
  folder: string;
  /** Absolute folders of the host that are mounted into it at their own path. */
  bound: string[];
}

function copyIn(name: string, to: string): void {
  const from = join('/etc', name);
  const stat = statSync(from, { throwIfNoEntry: false });
  if (stat === undefined) return;
  mkdirSync(dirname(to), { recursive: true });
  try {
    if (stat.isDirectory()) cpSync(from, to, { recursive: true, dereference: true });
    else copyFileSync(from, to);
  } catch {
    // not readable by this user: its programs do without it as well
  }
}

/**
 * Fills a folder as the /etc of a sandbox.
 *
 * @param synthetic files that we make up: name below /etc → content.
 */
export function makeEtcFolder(folder: string, synthetic: Readonly<Record<string, string>>): EtcFolder {
  mkdirSync(folder, { mode: 0o755 });
  for (const name of COPIED) copyIn(name, join(folder, name));
  const bound = BOUND.filter((name) => statSync(join('/etc', name), { throwIfNoEntry: false })?.isDirectory());
  for (const name of bound) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, content] of Object.entries(synthetic)) writeFileSync(join(folder, name), content, { mode: 0o644 });
  return { folder, bound: bound.map((name) => join('/etc', name)) };
}

/** Makes places in our /etc at which granted paths of the machine's can be mounted. */
export function makeMountPoints(etc: EtcFolder, paths: readonly string[]): void {
  for (const path of paths) {
    if (path === '/etc' || !isWithin(path, '/etc') || isBound(etc, path)) continue;
    const place = join(etc.folder, path.slice('/etc/'.length));
    if (statSync(place, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(dirname(place), { recursive: true });
    if (statSync(path).isDirectory()) mkdirSync(place);
    else writeFileSync(place, '');
  }
}

/** True where a file at that path comes from a bound folder, so that another one must be mounted over it. */
export function isBound(etc: EtcFolder, path: string): boolean {
  return etc.bound.some((folder) => isWithin(path, folder));
}
