import { execFileSync } from 'node:child_process';
import { constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { posix } from 'node:path';
import type { TraceEntry, TraceOrder, TraceRecord } from './protocol.js';
import { createLineReader, type TracedCall, textOf } from './strace-line.js';

const PROCESSES = ['clone', 'fork', 'vfork', 'clone3'];
const READS = ['readlink', 'readlinkat'];
const LOOKS = ['access', 'faccessat', 'faccessat2', 'stat', 'lstat', 'statx', 'newfstatat', 'fstatat64'];
const CHANGES: Readonly<Record<string, readonly number[]>> = {
  // Name → positions of the paths that are changed; a call that ends in `at` has a folder before each.
  creat: [0],
  mkdir: [0],
  mkdirat: [1],
  rmdir: [0],
  unlink: [0],
  unlinkat: [1],
  rename: [0, 1],
  renameat: [1, 3],
  renameat2: [1, 3],
  link: [1],
  linkat: [3],
  symlink: [1],
  symlinkat: [2],
  truncate: [0],
  chmod: [0],
  fchmodat: [1],
  mknod: [0],
  mknodat: [1],
};

/** System calls that a trace looks at; `?` lets a strace pass that does not know one. */
export function tracedCalls(refused: readonly string[]): string {
  const opens = ['open', 'openat', 'openat2', 'execve', 'execveat', 'chdir', 'fchdir', 'connect', 'sendto'];
  const all = new Set([...opens, ...PROCESSES, ...READS, ...LOOKS, ...Object.keys(CHANGES), ...refused]);
  return [...all].map((name) => `?${name}`).join(',');
}

/** Most different entries, and characters of them, that are kept. */
const MAX_ENTRIES = 20_000;
const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_ARGUMENTS = 300;

/** Turns the lines of strace into what one script did: files, programs, connections, refused calls; each once. */
export class TraceReader {
  private readonly read = createLineReader();
  private readonly entries = new Map<string, TraceEntry>();
  /** Processes that belong to the starter, and those of the script with their working folders. */
  private readonly starters = new Set<number>();
  private readonly folders = new Map<number, string>();
  private readonly cloning: number[] = [];
  private begun = false;
  private characters = 0;
  private dropped = 0;
  private rest = '';

  constructor(private readonly order: TraceOrder) {}

  feed(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.take(line);
  }

  /** Everything that was seen; `complete` where the tracer came to its end. */
  result(complete: boolean): TraceRecord {
    return { entries: [...this.entries.values()], dropped: this.dropped, complete: complete && this.begun };
  }

  private take(line: string): void {
    const call = this.read(line);
    if (call === null) return;
    if ('begun' in call) {
      if (PROCESSES.includes(call.begun)) this.cloning.push(call.pid);
      this.folderOf(call.pid);
      return;
    }
    if (this.begun ? this.starters.has(call.pid) : !this.starts(call)) return;
    this.record(call);
  }

  /** The sandbox's own set-up is over when the program that sets the limits becomes the script's shell. */
  private starts(call: TracedCall): boolean {
    this.starters.add(call.pid);
    if (call.name !== 'execve' || call.value !== 0 || textOf(call.args[0]) !== this.order.first) return false;
    this.begun = true;
    this.starters.delete(call.pid);
    this.folders.set(call.pid, this.order.cwd);
    return false;
  }

  private folderOf(pid: number): string {
    const known = this.folders.get(pid);
    if (known !== undefined) return known;
    const folder = this.folders.get(this.cloning.at(-1) ?? -1) ?? this.order.cwd;
    this.folders.set(pid, folder);
    return folder;
  }

  private record(call: TracedCall): void {
    const { name, args, error } = call;
    if (PROCESSES.includes(name)) this.born(call);
    if (this.order.refused.includes(name) && (error === 'EPERM' || error === 'ENOSYS') && name !== 'clone3') {
      this.add('refused', name, error);
    } else if (name === 'execve' || name === 'execveat') this.run(call);
    else if (name === 'chdir' || name === 'fchdir') this.move(call);
    else if (name === 'open' || name === 'openat' || name === 'openat2') {
      const at = name === 'open' ? 0 : 1;
      const writes = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args[at + 1] ?? '');
      this.add(writes ? 'write' : 'read', call.returned ?? this.pathAt(call, at), error);
    } else if (READS.includes(name)) {
      // What is no link is no attempt either.
      if (error !== 'EINVAL') this.add('look', this.pathAt(call, name.endsWith('at') ? 1 : 0), error);
    } else if (LOOKS.includes(name)) {
      this.add('look', this.pathAt(call, /at2?$|^statx$|at64$/.test(name) && !/^l?stat$/.test(name) ? 1 : 0), error);
    } else if (CHANGES[name] !== undefined) {
      for (const at of CHANGES[name]!)
        this.add(name.startsWith('mkdir') ? 'make' : 'write', this.pathAt(call, at), error);
    } else if (name === 'connect' || name === 'sendto') {
      const address = addressOf(args.find((arg) => arg.startsWith('{sa_family=')) ?? '');
      if (address !== null) this.add('connect', address, error === 'EINPROGRESS' ? null : error);
    }
  }

  private born({ pid, value }: TracedCall): void {
    const at = this.cloning.lastIndexOf(pid);
    if (at >= 0) this.cloning.splice(at, 1);
    if (value !== null && value > 0 && !this.folders.has(value)) this.folders.set(value, this.folderOf(pid));
  }

  private run(call: TracedCall): void {
    // A shell tries every folder of PATH.
    if (call.error === 'ENOENT' || call.error === 'ENOTDIR') return;
    const at = call.name === 'execve' ? 0 : 1;
    const words = argumentsOf(call.args[at + 1]);
    this.add('run', [this.pathAt(call, at), ...words].join(' ').slice(0, MAX_ARGUMENTS), call.error);
  }

  private move(call: TracedCall): void {
    if (call.error !== null) return;
    const folder = call.name === 'chdir' ? this.pathAt(call, 0) : textOf(call.args[0]);
    if (folder !== null) this.folders.set(call.pid, folder);
  }

  /** The absolute path of an argument, with the folder that stands before it or the process's own. */
  private pathAt(call: TracedCall, at: number): string {
    const path = textOf(call.args[at]) ?? '';
    if (path.startsWith('/')) return posix.normalize(path);
    const folder = at > 0 && !/^"/.test(call.args[at - 1] ?? '"') ? textOf(call.args[at - 1]) : null;
    const base = folder ?? this.folderOf(call.pid);
    return path === '' ? base : posix.join(base, path);
  }

  private add(what: TraceEntry['what'], target: string, error: string | null): void {
    // A descriptor of a pipe or socket has no path.
    if (/^(?:socket|pipe|anon_inode):/.test(target)) return;
    const key = `${what} ${error} ${target}`;
    const known = this.entries.get(key);
    if (known !== undefined) known.times += 1;
    else if (this.entries.size >= MAX_ENTRIES || this.characters + target.length > MAX_CHARACTERS) this.dropped += 1;
    else {
      this.characters += target.length;
      this.entries.set(key, { what, target, error, times: 1 });
    }
  }
}

function argumentsOf(printed: string | undefined): string[] {
  const list = /^\[(.*)\](?:\.\.\.)?$/s.exec(printed ?? '')?.[1];
  if (list === undefined) return [];
  return (list.match(/"(?:[^"\\]|\\.)*"/gs) ?? []).slice(1).map((word) => textOf(word) ?? '');
}

/** `address:port`, or the name of a Unix socket. */
function addressOf(printed: string): string | null {
  const unix = /sa_family=AF_UNIX, sun_path=(@?)("(?:[^"\\]|\\.)*")/s.exec(printed);
  if (unix !== null) return `unix:${unix[1]}${textOf(unix[2])}`;
  const port = /sin6?_port=htons\((\d+)\)/.exec(printed)?.[1];
  const address = /inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/.exec(printed);
  if (port === undefined || address === null) return null;
  return address[1] === undefined ? `[${address[2]}]:${port}` : `${address[1]}:${port}`;
}

/** How long after the script's end the tracer's last lines may come. */
const DRAIN_MS = 2000;

/** One trace that is being taken: what to start instead of the script, and where its lines arrive. */
export interface Tracing {
  /** Program and arguments that go before those of what is traced. */
  argv: string[];
  /** Waits for the last lines, and gives everything. */
  finish(): Promise<TraceRecord>;
}

/** Prepares a trace of one script; the lines come through a named pipe that nothing in the script's tree shows. */
export function startTrace(order: TraceOrder, pipe: string): Tracing {
  execFileSync('/usr/bin/mkfifo', ['-m', '600', pipe]);
  const socket = new Socket({ fd: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
  const reader = new TraceReader(order);
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => reader.feed(chunk));
  const ended = new Promise<boolean>((done) => {
    socket.once('end', () => done(true));
    socket.once('error', () => done(false));
  });
  const filter = `trace=${tracedCalls(order.refused)}`;
  return {
    argv: [order.program, '-f', '-qq', '-y', '-s', '4096', '-e', filter, '-e', 'signal=none', '-o', pipe, '--'],
    finish: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((done) => {
        timer = setTimeout(() => done(false), DRAIN_MS);
      });
      const complete = await Promise.race([ended, late]);
      clearTimeout(timer);
      socket.destroy();
      rmSync(pipe, { force: true });
      return reader.result(complete);
    },
  };
}
