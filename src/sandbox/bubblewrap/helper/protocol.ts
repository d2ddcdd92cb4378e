/** Where things stand inside the outer sandbox; nothing of it is in a script's tree. */
export const PLACES = {
  root: '/run/safe-install',
  helper: '/run/safe-install/helper',
  gateway: '/run/safe-install/gateway.sock',
  seccomp: '/run/safe-install/seccomp.bpf',
  homes: '/run/safe-install/homes',
  /** The home of the script that runs or comes next: a session runs one at a time. */
  home: '/run/safe-install/homes/home',
} as const;

/** Ports of the proxies that clients may ask for on loopback. */
export const PROXY_PORTS = { connect: 3128, socks: 1080 } as const;

/** A file of the decoy HOME. `strong`: no honest tool of an install reads it. */
export interface DecoyFile {
  /** Relative to HOME. */
  path: string;
  content: string;
  strong: boolean;
}

/** What the helper polls for while a script runs; what prlimit can bound is bounded there. */
export interface WatchedLimits {
  wallMs: number;
  cpuSeconds: number;
  processes: number;
  memoryBytes: number;
  writtenBytes: number;
}

/** How a script is to be traced. */
export interface TraceOrder {
  /** Absolute path of strace. */
  program: string;
  /** Program whose start ends the sandbox's own set-up: what comes after it is the script's. */
  first: string;
  /** Working folder of the script. */
  cwd: string;
  /** Names of the system calls that the filter refuses. */
  refused: string[];
}

/** One thing that a traced script did, and how often. */
export interface TraceEntry {
  what: 'read' | 'write' | 'make' | 'look' | 'run' | 'connect' | 'refused';
  /** Absolute path, program with arguments, address with port, or system call. */
  target: string;
  /** Name of the error it met, e.g. `ENOENT`; null where it worked. */
  error: string | null;
  times: number;
}

/** What a trace saw. */
export interface TraceRecord {
  entries: TraceEntry[];
  /** Entries that were too many to keep. */
  dropped: number;
  /** False where the tracer was ended before the script, or could not follow it. */
  complete: boolean;
}

/** Host → helper, once and first: what all scripts of this sandbox have in common. */
export interface SetUpMessage {
  type: 'set-up';
  /** What is planted in the home of every script. */
  decoys: DecoyFile[];
  /** Absolute path of bubblewrap. */
  bwrap: string;
}

/** Host → helper: run one script. Only one runs at a time in one outer sandbox. */
export interface StartMessage {
  type: 'start';
  id: number;
  package: string;
  script: string;
  /** The inner bubblewrap with its options and the `--` behind them; empty where the helper's sandbox is the script's. */
  starter: string[];
  /** The script: program and arguments. */
  command: string[];
  env: Record<string, string>;
  /** Working directory of the starter. */
  cwd: string;
  /** File descriptor 3 of the script's starter gets the seccomp program. */
  seccomp: boolean;
  /** Absolute folder that is filled with decoys, and shown as HOME; null where the real one is granted. */
  home: string | null;
  /** Names that DNS answers: `name` or `*.name`. */
  hosts: string[];
  /** Folders whose growth counts as written. */
  written: string[];
  limits: WatchedLimits;
  /** Kill the script when it reads a strong decoy and then asks for the network. */
  killOnDecoyThenNetwork: boolean;
  /** Record what it does with strace; null for the usual run. */
  trace: TraceOrder | null;
}

/** Host → helper: end the running script, kindly (`SIGTERM`, `SIGINT`) or not. */
export interface SignalMessage {
  type: 'signal';
  id: number;
  signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
}

export type ToHelper = SetUpMessage | StartMessage | SignalMessage;

export interface EventMessage {
  type: 'event';
  id: number;
  class: 'network' | 'dns' | 'decoy' | 'limit' | 'process' | 'file';
  target: string;
  action: 'allowed' | 'denied' | 'killed' | 'reported';
  evidence: string;
}

export interface ExitMessage {
  type: 'exit';
  id: number;
  code: number | null;
  signal: string | null;
  /** Why the helper ended it, in words; null where it did not. */
  limit: string | null;
  violation: string | null;
  ms: number;
  peakMemoryBytes: number;
  peakProcesses: number;
  writtenBytes: number;
  /** Command lines of the processes that were ended for a violation or limit. */
  processes: string[];
  /** Null where it was not traced. */
  trace: TraceRecord | null;
}

export type FromHelper =
  | { type: 'ready'; startMs: number }
  | { type: 'output'; id: number; stream: 'stdout' | 'stderr'; data: string }
  | EventMessage
  | ExitMessage
  | { type: 'fatal'; message: string };

/** The one argument the helper is started with, as JSON. */
export interface HelperOptions {
  /** `full`: transparent DNS and ports below 1024; `basic`: proxies only. */
  level: 'full' | 'basic';
  /** Ports to listen on, with the transport that the gateway is told. */
  ports: { port: number; transport: 'tls' | 'http' }[];
  /** Hosts that are loopback names or addresses outside: reachable at the same place inside. */
  loopback: { host: string; port: number }[];
}
