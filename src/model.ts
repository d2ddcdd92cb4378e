/** When code of a package runs: at install unasked, on import, when its bin is started, or never (metadata only). */
export type Phase = 'install' | 'import' | 'bin' | 'metadata';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

export type Action = 'allow' | 'review' | 'block';

/** Where the bytes of a package come from. */
export type PackageSourceKind = 'registry' | 'git' | 'remote' | 'file' | 'directory' | 'workspace' | 'bundled' | 'root';

/** One place in the dependency tree that will hold a package. */
export interface PackageNode {
  name: string;
  version: string;
  /** Path relative to the project root with forward slashes, e.g. `node_modules/a/node_modules/b`. */
  location: string;
  resolved: string | null;
  /** Subresource integrity string of the tarball (`sha512-…`), where one is known. */
  integrity: string | null;
  source: PackageSourceKind;
  optional: boolean;
  dev: boolean;
  /** Why it is there: `name@version` of the dependents, nearest first, the project itself as `(project)`. */
  requestedBy: string[];
}

/** One step of a slice: a piece of code on the way from source to sink. */
export interface SliceStep {
  role: 'source' | 'step' | 'guard' | 'decoder' | 'sink';
  file: string;
  /** 1-based. */
  line: number;
  /** 0-based, as Babel counts. */
  column: number;
  /** What this step does, in few words: `reads ~/.npmrc`, `decoded: "…"`. */
  note: string;
}

/** The few lines that matter, from source to sink, ready to be shown. Never empty. */
export interface Slice {
  steps: SliceStep[];
  /** The code frame: numbered source lines of the steps (long lines cut), with decoded values beside them. */
  frame: string;
}

/** What one rule found at one place. */
export interface Finding {
  /** Rule id, e.g. `secret-file-exfiltration`. */
  rule: string;
  severity: Severity;
  phase: Phase;
  /** Path inside the package with forward slashes. */
  file: string;
  /** 1-based; 0 where the finding is about the whole file or package. */
  line: number;
  message: string;
  slice: Slice | null;
  /** Points this finding brings to the score before combination, 0–100. */
  weight: number;
  /** Rules of one family see the same deed: the heaviest of them counts. */
  family: string;
  /** False for code that only runs when somebody calls it, or that is spread over a large program: of all such the heaviest counts. */
  unasked: boolean;
  /** The least that is said of the package whatever its score; null where the score alone decides. */
  floor: Action | null;
  /** Conditions under which the sink is reached (CI, date, locale, hostname, random …), in words. */
  guards: string[];
}

/** What the analyzer says of one package's bytes. */
export interface Verdict {
  action: Action;
  /** 0–100. */
  score: number;
  findings: Finding[];
  /** Capabilities seen, for comparing versions: e.g. `script:postinstall`, `net:host`, `bin:x`. Sorted, unique. */
  capabilities: string[];
  stats: VerdictStats;
  /** What decides which lifecycle scripts npm runs; only where there are any, and only of a tarball whose entries are all plain. */
  lifecycle?: LifecycleManifest | undefined;
}

/** The parts of a package that decide which lifecycle scripts npm runs. */
export interface LifecycleManifest {
  scripts: Record<string, string>;
  gypfile?: boolean | undefined;
  /** A binding.gyp beside package.json: npm runs `node-gyp rebuild` where no install script is named. */
  hasBindingGyp: boolean;
}

export interface VerdictStats {
  files: number;
  bytes: number;
  /** Files that were parsed. */
  parsed: number;
  ms: number;
  fromCache: boolean;
}

/** A lifecycle event that npm runs for a dependency. */
export type LifecycleEvent = 'preinstall' | 'install' | 'postinstall' | 'prepare';

/** What the project says about a package's scripts (allowScripts, allowBuilds, safe-install.lock). */
export type ScriptApproval = 'approved' | 'denied' | 'unreviewed';

/** What policy and approvals make of a verdict. */
export interface Decision {
  action: Action;
  /** Whether the package's lifecycle scripts may run (always inside the sandbox). */
  runScripts: boolean;
  approval: ScriptApproval;
  /** In words, for the report: why this and not something else. */
  reason: string;
}

/** How a script was confined: both stages, one bubblewrap with proxy variables only, seatbelt, or not at all (root scripts). */
export type SandboxLevel = 'full' | 'basic' | 'seatbelt' | 'none';

/** One lifecycle script that ran. */
export interface ScriptRun {
  /** `name@version`. */
  package: string;
  /** Location in the tree, e.g. `node_modules/esbuild`. */
  location: string;
  event: string;
  command: string;
  /** Exit code; null when a signal or a limit ended it. */
  exitCode: number | null;
  signal: string | null;
  ms: number;
  sandbox: SandboxLevel;
  /** Combined stdout and stderr, its end where it was long. */
  output: string;
  /** Set when a limit ended the script: which one and its value, in words. */
  limit: string | null;
  /** Set when the script did what no consequence but the end of the install fits (exit 12): what, in words. */
  violation?: string;
  /** Folder in the data folder that keeps the package and the context of a violation. */
  quarantine?: string;
  /** What it used; absent where it was not confined. */
  metrics?: ScriptMetrics;
  /** What it did, call by call; only where that was asked for (`--trace`). */
  trace?: ScriptTrace;
}

/** What a traced script did. Paths are as the script saw them. */
export interface ScriptTrace {
  /** Why a part or all of it could not be seen, in words; null where everything was. */
  unseen: string | null;
  /** Each thing once, in the order of the first time. */
  entries: TraceEntry[];
  /** Names of environment variables that its command, and the files of its package that it read, speak of. */
  variables: string[];
}

/** One thing a traced script did. */
export interface TraceEntry {
  /** `make` makes a folder, `look` asks about a path (stat, access, readlink), `refused` is a call that the filter refuses. */
  what: 'read' | 'write' | 'make' | 'look' | 'run' | 'connect' | 'refused';
  /** Absolute path, program with arguments, address with port, or system call. */
  target: string;
  /** Name of the error it met, e.g. `ENOENT`; null where it worked. */
  error: string | null;
  times: number;
}

/** What one confined script used, as far as it was looked at. */
export interface ScriptMetrics {
  /** From the request until the script started. */
  startMs: number;
  peakMemoryBytes: number;
  peakProcesses: number;
  /** Bytes handed to disks. */
  writtenBytes: number;
  /** Attempts that were denied, undone or ended, by class. */
  attempts: Record<string, number>;
  /** Files that it was refused, and system calls; null where nobody traced it: the kernel tells of them to a tracer only. */
  deniedFiles: number | null;
  privilegeAttempts: number | null;
}

/** What the way out of the sandbox carried for all scripts of a run. */
export interface NetworkMetrics {
  connections: number;
  /** By host; bytes are those of the scripts. */
  hosts: Record<string, { allowed: number; denied: number; sent: number; received: number }>;
  /** Milliseconds from a registry request's head to its answer's head, upstream included. */
  latencyMs: { count: number; p50: number; p95: number };
}

/** What the sandbox saw a script try. */
export type EventClass =
  | 'network'
  | 'dns'
  | 'registry'
  | 'decoy'
  | 'file'
  | 'limit'
  | 'process'
  | 'canary'
  | 'bin-shadow'
  | 'trace';

/** One attempt that the sandbox recorded. */
export interface SandboxEvent {
  /** ISO 8601. */
  time: string;
  /** `name@version`. */
  package: string;
  /** Lifecycle event, e.g. `postinstall`. */
  script: string;
  class: EventClass;
  /** Host and port, path, or limit that the attempt was about. */
  target: string;
  action: 'allowed' | 'denied' | 'undone' | 'killed' | 'reported';
  evidence: string;
}

/** Milliseconds spent in each part of the road; parts overlap, so they need not add up. */
export type Timings = Record<string, number>;

/** One installed package in the report. */
export interface ReportedPackage extends PackageNode {
  verdict: { action: Action; score: number; fromCache: boolean };
  decision: Decision | null;
  findings: Finding[];
  /** The version before that this one was compared with; absent where there was none at hand, or nothing to compare. */
  comparedWith?: ComparedWith;
}

/** A version that another was compared with: installed, or else known to this machine (its verdict, or its tarball in npm's cache). */
export interface ComparedWith {
  version: string;
  from: 'installed' | 'cache';
}

/** The one value that every reporter is a pure function of. */
export interface InstallReport {
  schema: 1;
  tool: string;
  command: string;
  exitCode: number;
  dryRun: boolean;
  packages: ReportedPackage[];
  /** Changes of the tree in npm's words. */
  changes: { added: number; removed: number; changed: number };
  scripts: ScriptRun[];
  events: SandboxEvent[];
  /** Absent where no script was confined. */
  network?: NetworkMetrics;
  warnings: string[];
  error: { code: string; message: string; where: string | null; next: string[] } | null;
  timings: Timings;
}
