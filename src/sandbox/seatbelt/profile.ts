import { dirname } from 'node:path';
import type { Place } from '../sandbox.js';
import { type Allowances, loadAllowances } from './allowances.js';

/** Everything that a seatbelt profile is made of. All paths are absolute and real (`/private/var`, not `/var`). */
export interface SeatbeltTree {
  /** Text that the kernel puts into its log at each denial, to find it again. */
  tag: string;
  /** Folders and files that may be read besides the system. */
  readable: readonly string[];
  /** Folders and files of which programs may be started besides the system's. */
  executable: readonly string[];
  /** The script's own folders: package, private home and temporary folder. */
  own: readonly string[];
  /** Folders that were granted for writing; protected names stay closed in them. */
  granted: readonly string[];
  /** Exceptions, outermost first. */
  places: readonly Place[];
  /** Names (`.bashrc`, `.git/hooks`) that may not be written inside granted folders. */
  protectedNames: readonly string[];
  /** Port on localhost at which the way to the gateway is. */
  proxyPort: number;
  /** May bind ports of localhost and connect to them. */
  localBinding: boolean;
}

/**
 * Makes the SBPL profile of one grant: everything denied, then the system's allowances, then the files of the grant, then
 * its exceptions, and last what stays closed whatever came before. In SBPL the last rule that matches decides.
 */
export function seatbeltProfile(tree: SeatbeltTree, allowances: Allowances = loadAllowances()): string {
  const { read, metadata, execute, write, ioctl, mach, sysctl, sysctlPrefixes } = allowances;
  const all = (list: { paths: string[] }[]) => list.flatMap(({ paths }) => paths);
  const writable = [...tree.own, ...tree.granted];
  const open = [...tree.readable, ...writable];
  const opened = tree.places.filter(({ access }) => access !== 'hidden').map(({ path }) => path);
  const lines = [
    '(version 1)',
    `(deny default (with message ${quoted(tree.tag)}))`,
    '',
    '; processes: programs of the system, the toolchain and the packages; signals to itself only',
    rule('allow', 'process-exec', [...all(execute), ...tree.executable, ...tree.own].map(subpath)),
    '(allow process-fork)',
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    '',
    '; the system',
    rule(
      'allow',
      'mach-lookup',
      mach.map(({ name }) => `(global-name ${quoted(name)})`),
    ),
    rule('allow', 'sysctl-read', [
      ...sysctl.flatMap(({ names }) => names.map((name) => `(sysctl-name ${quoted(name)})`)),
      ...sysctlPrefixes.flatMap(({ names }) => names.map((name) => `(sysctl-name-prefix ${quoted(name)})`)),
    ]),
    rule('allow', 'file-ioctl', all(ioctl).map(literal)),
    rule('allow', 'file-read*', all(read).map(subpath)),
    rule('allow', 'file-write*', all(write).map(literal)),
    '',
    '; files of the grant',
    rule('allow', 'file-read*', ['(literal "/")', ...open.map(subpath)]),
    rule('allow', 'file-map-executable', [...all(read), ...open].map(subpath)),
    rule('allow', 'file-write*', writable.map(subpath)),
    ...tree.places.map(placeRules),
    rule('allow', 'file-read-metadata', ancestorsOf([...all(metadata), ...open, ...opened]).map(literal)),
    '',
    '; closed whatever was granted',
    ...protectedRules(tree.granted, tree.places, tree.protectedNames),
    rule('deny', 'file-write-setugid', ['(subpath "/")']),
    '',
    '; network: the gateway only',
    `(allow network-outbound (remote ip ${quoted(`localhost:${tree.proxyPort}`)}))`,
    ...(tree.localBinding
      ? [
          '(allow network-bind (local ip "localhost:*"))',
          '(allow network-inbound (local ip "localhost:*"))',
          '(allow network-outbound (remote ip "localhost:*"))',
        ]
      : []),
  ];
  return `${lines.filter((line, i) => line !== '' || lines[i - 1] !== '').join('\n')}\n`;
}

function placeRules({ path, access }: Place): string {
  const filter = [subpath(path)];
  if (access === 'hidden') return rule('deny', 'file-read* file-write* process-exec', filter);
  const reading = rule('allow', 'file-read* file-map-executable process-exec', filter);
  return `${reading}\n${rule(access === 'write' ? 'allow' : 'deny', 'file-write*', filter)}`;
}

/** Denials of protected names in folders that were granted; of folders that hold one (`.git`), moving and making. */
function protectedRules(granted: readonly string[], places: readonly Place[], names: readonly string[]): string[] {
  const roots = [...granted, ...places.filter(({ access }) => access === 'write').map(({ path }) => path)];
  if (roots.length === 0 || names.length === 0) return [];
  const within = (name: string, end: string) =>
    roots.map((root) => `(regex #"^${escaped(root)}/(.*/)?${escaped(name)}${end}")`);
  const parents = [...new Set(names.filter((name) => name.includes('/')).map((name) => dirname(name)))];
  return [
    rule(
      'deny',
      'file-write*',
      names.flatMap((name) => within(name, '(/|$)')),
    ),
    rule(
      'deny',
      'file-write-create file-write-unlink',
      parents.flatMap((name) => within(name, '$')),
    ),
  ].filter((line) => line !== '');
}

function ancestorsOf(paths: readonly string[]): string[] {
  const found = new Set(paths.filter((path) => path !== '/'));
  for (const path of paths) {
    for (let above = dirname(path); above !== '/'; above = dirname(above)) found.add(above);
  }
  return ['/', ...[...found].sort()];
}

function rule(action: 'allow' | 'deny', operations: string, filters: readonly string[]): string {
  const unique = [...new Set(filters)];
  return unique.length === 0 ? '' : `(${action} ${operations}\n  ${unique.join('\n  ')})`;
}

const subpath = (path: string) => `(subpath ${quoted(path)})`;
const literal = (path: string) => `(literal ${quoted(path)})`;

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Escapes text for a regex literal of SBPL, in which a quote ends the literal. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/"/g, '.');
}
