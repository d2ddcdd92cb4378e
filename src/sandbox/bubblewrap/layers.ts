import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeTree } from './helper/remove-tree.js';
import { findTrusted } from './probe.js';

/**
 * Granted folders of one script, each with a layer over it (overlayfs): the script sees and changes the layer, the folder itself
 * stays as it is until somebody looks through what was written and brings it over. Plain data: it is part of a session's key.
 */
export interface Layers {
  /** Folder of the host with everything below. */
  root: string;
  /** The granted folders; the layer of the n-th is `u<n>`, what a script sees is `m<n>`. */
  folders: string[];
  /** Program and arguments that make the mounts, in a mount namespace of their own, and become the program behind them. */
  mounting: [string, ...string[]];
}

/** Mounts as many layers as it is told, then becomes the rest. Names are ours, so that nothing in them needs an escape. */
const MOUNT = [
  'cd "$1" || exit 77',
  'i=0',
  'while [ $i -lt "$2" ]; do mount -n -t overlay overlay -o "lowerdir=l$i,upperdir=u$i,workdir=w$i$3" m$i || exit 77; i=$((i+1)); done',
  'shift 3',
  'exec "$@"',
].join('\n');

/** Where the layer over the n-th folder is. */
export const upperOf = ({ root }: Layers, n: number) => join(root, `u${n}`);

/** Where the n-th folder with its layer is, in the namespace of the mounts. */
export const mergedOf = ({ root }: Layers, n: number) => join(root, `m${n}`);

type Owner = { uid: number; gid: number } | null;

const options = (owner: Owner) => ({ ...owner, env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }, cwd: '/' });

function make(place: string, folders: readonly string[], owner: Owner, unshare: string): Layers {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const root = mkdtempSync(join(place, 'layers-'));
  const own = (path: string) => {
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  };
  own(root);
  folders.forEach((folder, n) => {
    symlinkSync(folder, join(root, `l${n}`));
    for (const name of [`u${n}`, `w${n}`, `m${n}`]) {
      mkdirSync(join(root, name), { mode: 0o700 });
      own(join(root, name));
    }
  });
  // Root needs no namespace of users for a mount, and its layers keep the owners of files as they are.
  const asRoot = process.getuid?.() === 0 && owner === null;
  const user = asRoot ? [] : ['--user', '--map-root-user'];
  const how = [root, String(folders.length), asRoot ? '' : ',userxattr'];
  const mounting: Layers['mounting'] = [unshare, ...user, '--mount', '/bin/sh', '-c', MOUNT, 'sh', ...how];
  return { root, folders: [...folders], mounting };
}

/** Removes layers with everything in them. */
export function removeLayers({ root }: Pick<Layers, 'root'>): void {
  removeTree(root);
}

/**
 * Makes layers over folders, at the first of some places whose file system can carry them.
 *
 * @param places folders of the host, by preference: the nearer to the folders, the cheaper to bring files over.
 * @param owner who mounts and writes, where that is not us.
 * @returns null where the machine cannot: no util-linux, Linux before 5.11, a container on an overlay of its own.
 */
export async function makeLayers(
  folders: readonly string[],
  places: readonly string[],
  owner: Owner,
): Promise<Layers | null> {
  const unshare = findTrusted('unshare');
  if (unshare === null || findTrusted('mount') === null) return null;
  for (const place of places) {
    let layers: Layers | null = null;
    try {
      layers = make(place, folders, owner, unshare);
      const [program, ...args] = layers.mounting;
      await promisify(execFile)(program, [...args, '/bin/sh', '-c', ':'], { ...options(owner), timeout: 10_000 });
      return layers;
    } catch {
      if (layers !== null) removeLayers(layers);
    }
  }
  return null;
}

/** The names of what a script sees in folders of one layer, as paths relative to it: those that are not there were removed. */
export async function namesSeen(
  layers: Layers,
  n: number,
  folders: readonly string[],
  owner: Owner,
): Promise<string[]> {
  const list = `cd "m${n}" && exec xargs -0 -r sh -c 'exec find "$@" -mindepth 1 -maxdepth 1 -print0' sh`;
  const [program, ...args] = layers.mounting;
  const running = promisify(execFile)(program, [...args, '/bin/sh', '-c', list], {
    ...options(owner),
    maxBuffer: 1 << 30,
  });
  running.child.stdin?.end(folders.map((folder) => `./${folder}\0`).join(''));
  const { stdout } = await running;
  return stdout.split('\0').flatMap((path) => (path === '' ? [] : [path.slice(2)]));
}
