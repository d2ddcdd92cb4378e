import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { countOthers, usageOf } from './processes.js';
import type { WatchedLimits } from './protocol.js';

/** The most that a script used at any moment that was looked at. */
export interface Peak {
  memoryBytes: number;
  processes: number;
  writtenBytes: number;
}

const EVERY_MS = 40;
/** Processes of the sandbox itself around a script: bubblewrap's and the tracer. */
const BUBBLEWRAPS = 4;
/** Folders are measured rarely, because it takes a walk. */
const WALK_EVERY = 50;
const WALK_MAX_FILES = 50_000;

const MiB = (bytes: number) => `${Math.round(bytes / 1048576)} MiB`;

/** Bytes of the files below a folder, as they lie on disk. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  let files = 0;
  const walk = (path: string) => {
    if (files > WALK_MAX_FILES) return;
    let names: string[];
    try {
      names = readdirSync(path);
    } catch {
      return;
    }
    for (const name of names) {
      files += 1;
      const stat = lstatSync(join(path, name), { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (stat.isDirectory()) walk(join(path, name));
      else bytes += stat.blocks * 512;
    }
  };
  walk(folder);
  return bytes;
}

/**
 * Looks at a running script again and again and says when it passes a bound. RLIMIT_NPROC does not bind a process
 * whose user is root outside, RLIMIT_AS breaks Node, and no rlimit speaks of a whole tree: so somebody has to look.
 *
 * @param tree gives the script's processes as they are now.
 * @param struck called once, with the bound in words.
 * @returns a function that ends the watch and gives the peak.
 */
export function watchUsage(
  tree: () => ReadonlyMap<number, string[]>,
  limits: WatchedLimits,
  folders: readonly string[],
  struck: (limit: string) => void,
): () => Peak {
  const peak: Peak = { memoryBytes: 0, processes: 0, writtenBytes: 0 };
  const written = new Map<number, number>();
  const before = folders.map(folderBytes);
  let round = 0;
  const begun = performance.now();
  const look = () => {
    round += 1;
    // A bomb makes processes faster than they can be looked at one by one; bubblewrap's own few do not matter then.
    const count = countOthers();
    if (count > limits.processes + BUBBLEWRAPS) {
      peak.processes = Math.max(peak.processes, count);
      return `processes: more than ${limits.processes} at once`;
    }
    const usage = usageOf(tree());
    for (const [pid, bytes] of usage.written) written.set(pid, bytes);
    let bytes = [...written.values()].reduce((sum, n) => sum + n, 0);
    if (round % WALK_EVERY === 0) {
      const grown = folders.reduce((sum, folder, at) => sum + Math.max(0, folderBytes(folder) - before[at]!), 0);
      bytes = Math.max(bytes, grown);
    }
    peak.memoryBytes = Math.max(peak.memoryBytes, usage.memoryBytes);
    peak.processes = Math.max(peak.processes, usage.processes);
    peak.writtenBytes = Math.max(peak.writtenBytes, bytes);
    if (usage.processes > limits.processes) return `processes: more than ${limits.processes} at once`;
    if (usage.memoryBytes > limits.memoryBytes) return `memory: more than ${MiB(limits.memoryBytes)}`;
    if (bytes > limits.writtenBytes) return `written: more than ${MiB(limits.writtenBytes)}`;
    if (usage.cpuSeconds > limits.cpuSeconds) return `cpu: more than ${limits.cpuSeconds} s`;
    if (performance.now() - begun > limits.wallMs) return `time: more than ${limits.wallMs} ms`;
    return null;
  };
  let timer = setTimeout(again, Math.min(EVERY_MS, limits.wallMs));
  function again() {
    const limit = look();
    if (limit !== null) return struck(limit);
    timer = setTimeout(again, EVERY_MS);
  }
  return () => {
    clearTimeout(timer);
    return peak;
  };
}
