import { chmodSync, lstatSync, mkdirSync, type Stats, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

  /** A file's state, also where the script took away the right to look at it. */
  private look(at: string): Stats | undefined {
    try {
      return lstatSync(at, { throwIfNoEntry: false });
    } catch {
      const parts = relative(this.folder, dirname(at)).split('/');
      try {
        parts.reduce((folder, name) => {
          chmodSync(folder, 0o700);
          return join(folder, name);
        }, this.folder);
        chmodSync(dirname(at), 0o700);
        return lstatSync(at, { throwIfNoEntry: false });
      } catch {
        return undefined;
      }
    }
  }

  /** What happened to the decoys since the last call. */
  hits(): DecoyHit[] {
    const found: DecoyHit[] = [];
    for (const { file, at, stat } of this.planted) {
      const now = this.look(at);
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
}
