import { mkdirSync, renameSync } from 'node:fs';
import { DecoyHome } from './decoys.js';
import type { DecoyFile } from './protocol.js';
import { removeTree } from './remove-tree.js';

/**
 * The homes of the scripts of one outer sandbox, one after the other at the same place. The next one is made when the one before
 * has been used, and that one removed, while nobody waits.
 */
export class Homes {
  private next: DecoyHome | null = null;
  private used: NodeJS.Immediate | null = null;
  private count = 0;

  constructor(
    readonly folder: string,
    private readonly files: readonly DecoyFile[],
  ) {}

  /** Makes the next home ahead of time. */
  prepare(): void {
    this.next ??= new DecoyHome(this.folder, this.files);
  }

  /** A home that nobody has used. */
  take(): DecoyHome {
    this.turn();
    this.prepare();
    const taken = this.next!;
    this.next = null;
    return taken;
  }

  /** Takes a used home back; it is removed, and the next one made, as soon as nothing else is to be done. */
  giveBack(): void {
    this.used = setImmediate(() => {
      this.turn();
      this.prepare();
    });
  }

  private turn(): void {
    if (this.used === null) return;
    clearImmediate(this.used);
    this.used = null;
    this.count += 1;
    const old = `${this.folder}-${this.count}`;
    renameSync(this.folder, old);
    mkdirSync(this.folder, { mode: 0o700 });
    removeTree(old);
  }
}
