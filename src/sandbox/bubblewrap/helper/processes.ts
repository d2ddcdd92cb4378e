import { readdirSync, readFileSync } from 'node:fs';

/** What the job's processes use together, now. */
export interface Usage {
  processes: number;
  memoryBytes: number;
  cpuSeconds: number;
  /** Bytes handed to the block layer, per process id. */
  written: Map<number, number>;
}

const PAGE = 4096;
const TICKS = 100;

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Process ids of this pid namespace. */
function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);
}

/** Fields of /proc/<pid>/stat behind the command name. */
function statOf(pid: number): string[] | null {
  const line = read(`/proc/${pid}/stat`);
  return line === null ? null : line.slice(line.lastIndexOf(')') + 2).split(' ');
}

/** All processes below `root`, it included; reads the parent of every process once. */
export function treeBelow(root: number): Map<number, string[]> {
  const parents = new Map<number, string[]>();
  for (const pid of pids()) {
    const fields = statOf(pid);
    if (fields !== null) parents.set(pid, fields);
  }
  const tree = new Map<number, string[]>();
  const inTree = (pid: number): boolean => {
    if (pid === root || tree.has(pid)) return true;
    const fields = parents.get(pid);
    return fields !== undefined && Number(fields[1]) > 1 && inTree(Number(fields[1]));
  };
  for (const [pid, fields] of parents) if (inTree(pid)) tree.set(pid, fields);
  return tree;
}

/**
 * The programs of a script: the tree below its starter, less the processes of bubblewrap (and of the tracer) itself.
 *
 * @param starters how many processes stand one below the other before the script's first.
 */
export function scriptTree(root: number, starters: number): Map<number, string[]> {
  const tree = treeBelow(root);
  let own = starters === 0 ? [] : [root];
  for (let depth = 0; depth < starters; depth++) {
    const next = [...tree].filter(([, fields]) => own.includes(Number(fields[1]))).map(([pid]) => pid);
    for (const pid of own) tree.delete(pid);
    own = next;
  }
  return tree;
}

/** How many processes this pid namespace has besides its first one and this one; one look at a folder, however many. */
export function countOthers(): number {
  return pids().length - 2;
}

/** True while a process of this pid namespace lives that is neither its first one nor this one. */
export function othersLive(): boolean {
  return pids().some((pid) => {
    if (pid === 1 || pid === process.pid) return false;
    const state = statOf(pid)?.[0];
    return state !== undefined && state !== 'Z' && state !== 'X';
  });
}

/** Command lines of processes, cut to what a report needs. */
export function commandLines(pids: Iterable<number>): string[] {
  const lines: string[] = [];
  for (const pid of pids) {
    const line = read(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
    if (line && lines.length < 100) lines.push(line.slice(0, 500));
  }
  return lines;
}

/** Adds up what the processes of a tree use: resident memory that is not shared, CPU of the living and the reaped. */
export function usageOf(tree: ReadonlyMap<number, string[]>): Usage {
  const usage: Usage = { processes: 0, memoryBytes: 0, cpuSeconds: 0, written: new Map() };
  for (const [pid, fields] of tree) {
    usage.processes += 1;
    const memory = read(`/proc/${pid}/statm`)?.split(' ');
    if (memory) usage.memoryBytes += (Number(memory[1]) - Number(memory[2])) * PAGE;
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
    usage.cpuSeconds += ticks / TICKS;
    const io = read(`/proc/${pid}/io`);
    const bytes = io === null ? null : /^write_bytes: (\d+)/m.exec(io);
    if (bytes) usage.written.set(pid, Number(bytes[1]));
  }
  return usage;
}
