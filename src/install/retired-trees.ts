import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import { isAlive, startOf } from './process-life.js';

// `ci` starts from nothing and can still go back: the content of a node_modules folder moves into a folder beside it,
// `.safe-install-<process>-<its start>-<random>-<state>`. The state stands in the name, so that one rename changes it, and a
// later run knows what to do with what a killed one left:
//   moving    entries are on their way, out or back; nothing new stands in node_modules: move back
//   retired   all old entries are in here, new ones are being written: remove those, move back
//   removing  the new tree is in place: remove this
type State = 'moving' | 'retired' | 'removing';

const NAME = /^(\.safe-install-(\d+)-(\d+)-[0-9a-f]{12})-(moving|retired|removing)$/;

/** node_modules folders whose content was moved aside. */
export interface RetiredTrees {
  /** Folder → the name of what stands beside it, without its state, and the state. */
  folders: Map<string, { name: string; state: State }>;
}

/**
 * Moves all entries of the node_modules folders aside. `retired` is filled on the way: also a failure in the middle can be undone.
 */
export async function retireTrees(folders: readonly string[], retired: RetiredTrees): Promise<void> {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    if (names.length === 0) {
      continue;
    }
    const name = `.safe-install-${process.pid}-${startOf(process.pid) ?? 0}-${randomBytes(6).toString('hex')}`;
    const aside = { name, state: 'moving' as State };
    await mkdir(pathOf(folder, aside));
    retired.folders.set(folder, aside);
    for (const entry of names) {
      await rename(join(folder, entry), join(pathOf(folder, aside), entry));
    }
    await change(folder, aside, 'retired');
  }
}

/** Puts retired trees back in the place of whatever was written since. */
export async function restoreTrees({ folders }: RetiredTrees): Promise<void> {
  for (const [folder, aside] of folders) {
    await restore(folder, aside);
  }
}

/** Removes retired trees for good. */
export async function dropTrees({ folders }: RetiredTrees): Promise<void> {
  // First all say that they are done with: a kill from here on leaves the new trees.
  for (const [folder, aside] of folders) {
    await change(folder, aside, 'removing');
  }
  for (const [folder, aside] of folders) {
    await rm(pathOf(folder, aside), { recursive: true, force: true });
  }
}

/**
 * Finishes what a killed run has left in a node_modules folder: goes back to the tree before it, or removes that tree where the
 * new one was in place. Returns true where something was brought back.
 * @throws SafeInstallError EBUSYPROJECT where the run is not dead
 */
export async function recoverTree(folder: string): Promise<boolean> {
  let broughtBack = false;
  for (const entry of await readdir(folder).catch(() => [])) {
    const [, name, pid, start, state] = NAME.exec(entry) ?? [];
    if (name === undefined) {
      continue;
    }
    if (isAlive(Number(pid), Number(start))) {
      throw new SafeInstallError('Another safe-install is at work in this project.', {
        code: 'EBUSYPROJECT',
        exitCode: EXIT.npm,
        where: join(folder, entry),
        next: [`Wait until process ${pid} has ended, then try again.`],
      });
    }
    if (state === 'removing') {
      await rm(join(folder, entry), { recursive: true, force: true });
    } else {
      await restore(folder, { name, state: state as State });
      broughtBack = true;
    }
  }
  return broughtBack;
}

async function restore(folder: string, aside: { name: string; state: State }): Promise<void> {
  if (aside.state === 'retired') {
    for (const entry of await readdir(folder)) {
      if (!NAME.test(entry)) {
        await rm(join(folder, entry), { recursive: true, force: true });
      }
    }
    await change(folder, aside, 'moving');
  }
  const from = pathOf(folder, aside);
  for (const entry of await readdir(from)) {
    await rename(join(from, entry), join(folder, entry));
  }
  await rmdir(from);
}

async function change(folder: string, aside: { name: string; state: State }, state: State): Promise<void> {
  await rename(pathOf(folder, aside), pathOf(folder, { name: aside.name, state }));
  aside.state = state;
}

function pathOf(folder: string, { name, state }: { name: string; state: State }): string {
  return join(folder, `${name}-${state}`);
}
