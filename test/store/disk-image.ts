import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A mounted file system of its own, or where this machine does not let us make one, a plain folder. */
export interface Disk {
  folder: string;
  /** Whether it is the file system that was asked for. */
  real: boolean;
  remove(): void;
}

/** Makes a small file system in a file and mounts it; needs root and the file system's tools. */
export function makeDisk(kind: 'btrfs' | 'xfs' | 'ext4', megabytes: number): Disk {
  const base = mkdtempSync(join(tmpdir(), `si-disk-${kind}-`));
  const folder = join(base, 'mounted');
  const image = join(base, 'image');
  mkdirSync(folder);
  let real = false;
  try {
    writeFileSync(image, '');
    truncateSync(image, megabytes * 2 ** 20);
    execFileSync(`mkfs.${kind}`, ['-q', image], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: 'ignore' });
    real = true;
  } catch {
    // said by `real`
  }
  const remove = (): void => {
    if (real) execFileSync('umount', [folder], { stdio: 'ignore' });
    rmSync(base, { recursive: true, force: true });
  };
  return { folder, real, remove };
}
