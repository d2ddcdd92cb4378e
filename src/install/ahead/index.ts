import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findContent } from '../../fetch/content.js';
import { storedBytes, storeFolder } from '../../store/index.js';
import { withDefaultRooms } from '../default-rooms.js';
import { goesByTheLock } from '../goes-by-the-lock.js';
import type { InstallOptions, Scanner } from '../options.js';
import { placeModes } from '../place-modes.js';
import { lockedPackages } from './locked-packages.js';
import { PlaceThreads } from './place-threads.js';
import { onSameMount } from './same-mount.js';
import { Stage, type StagedPackage } from './stage.js';

export type { Stage } from './stage.js';

/** A package is about so many times as large as its tarball. */
const USUAL_RATIO = 4;

/** What was begun before arborist is loaded. */
export interface Ahead {
  scanner: Scanner;
  /** Null where what is written elsewhere cannot be moved into the project. */
  stage: Stage | null;
}

/**
 * Begins to write the packages of the lock file whose verdicts are there, from the store or from npm's cache, while arborist is loaded and
 * resolves the tree. The others follow when they are fetched and read.
 * Null where this install does not go by the lock file, or writes nothing.
 *
 * @param known whether the tree is known from before, so that this thread will help
 */
export async function beginAhead(options: InstallOptions, known = false): Promise<Ahead | null> {
  const { command, npm, stateDir } = options;
  if (!goesByTheLock(options) || options.rooms !== undefined) return null;
  const integrities = lockedPackages(npm.path, (npm.flat['omit'] as string[] | undefined) ?? [], command === 'ci');
  if (integrities.length === 0) return null;
  const scanner = await withDefaultRooms(undefined, npm.path).createScanner(options);
  const store = storeFolder(stateDir);
  const ready: (StagedPackage & { bytes: number })[] = [];
  for (const integrity of integrities) {
    if (scanner.knows?.(integrity, 'registry') !== true) continue;
    const bytes = storedBytes(store, integrity);
    if (bytes !== null) ready.push({ integrity, bytes, tarball: '' });
    else {
      const pin = await findContent(String(npm.flat['cache']), integrity);
      if (pin !== null) ready.push({ integrity, bytes: pin.bytes * USUAL_RATIO, tarball: pin.file });
    }
  }
  if (!canMoveInto(npm.path, stateDir)) return { scanner, stage: null };
  const { rulesFolders, policy } = options;
  const threads = new PlaceThreads({ rulesFolders, thresholds: policy.thresholds, store }, known);
  const stage = new Stage(stateDir, threads, { store, modes: placeModes(npm.flat) });
  // The largest first, for what begins last decides when all have ended.
  stage.begin(ready.sort((a, b) => b.bytes - a.bytes));
  return { scanner, stage };
}

function canMoveInto(root: string, stateDir: string): boolean {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const modules = join(root, 'node_modules');
    const there = lstatSync(modules, { throwIfNoEntry: false });
    return onSameMount(stateDir, there?.isDirectory() === true ? modules : root);
  } catch {
    return false;
  }
}
