import { lstatSync, mkdirSync, readdirSync, rmSync, type Stats, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DecoyFile } from './protocol.js';

/** One thing that happened to a decoy. */
export interface DecoyHit {
  path: string;
  what: 'read' | 'changed' | 'removed';
  strong: boolean;
}

interface Planted {
  file: DecoyFile;
  at: string;
  stat: Stats;
}

/** A decoy HOME: credentials that belong to nobody, and the knowledge of what was done to them. */
export class DecoyHome {
  private readonly planted: Planted[] = [];
  private readonly reported = new Set<string>();

  constructor(
    readonly folder: string,
    files: readonly DecoyFile[],
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of files) {
      const at = join(folder, file.path);
      mkdirSync(dirname(at), { recursive: true, mode: 0o700 });
      writeFileSync(at, file.content, { mode: 0o600 });
      // relatime moves atime on the first read after a write only while atime is not newer than mtime.
      const written = new Date(Date.now() - 40 * 24 * 3600 * 1000);
      utimesSync(at, new Date(written.getTime() - 3600 * 1000), written);
      this.planted.push({ file, at, stat: lstatSync(at) });
    }
  }

  /** What happened to the decoys since the last call. */
  hits(): DecoyHit[] {
    const found: DecoyHit[] = [];
    for (const { file, at, stat } of this.planted) {
      const now = lstatSync(at, { throwIfNoEntry: false });
      const what =
        now === undefined
          ? 'removed'
          : now.ino !== stat.ino || now.mtimeMs !== stat.mtimeMs || now.size !== stat.size
            ? 'changed'
            : // A script that sets atime back moves ctime.
              now.atimeMs !== stat.atimeMs || now.ctimeMs !== stat.ctimeMs
              ? 'read'
              : null;
      if (what === null || this.reported.has(`${what} ${file.path}`)) continue;
      this.reported.add(`${what} ${file.path}`);
      found.push({ path: file.path, what, strong: file.strong });
    }
    return found;
  }

  /** Removes all that is in the folder; the folder itself may be a mount. */
  remove(): void {
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}
