import type { FetchSettings, PinnedTarball } from '../fetch/index.js';
import type {
  Decision,
  Finding,
  InstallReport,
  LifecycleEvent,
  PackageNode,
  PackageSourceKind,
  ReportedPackage,
  ScriptRun,
  Verdict,
} from '../model.js';
import type { Proposal } from '../sandbox/learn/index.js';
import type { Grant, Limits, Sandbox, SandboxOptions } from '../sandbox/sandbox.js';
import type { PlaceJob, PlaceResult } from '../store/index.js';

/** Commands that change a project. */
export type InstallCommand = 'install' | 'ci' | 'update' | 'uninstall';

/** What npm's configuration (argv, environment, .npmrc files) says, as @npmcli/config resolved it. */
export interface NpmSettings {
  /** `config.flat` of @npmcli/config after `load()`. */
  flat: Record<string, unknown>;
  /** Absolute root of the install: npm's prefix, or with `-g` the folder above the global `node_modules`. */
  path: string;
  /** Names of the workspaces the command is limited to; empty for all. */
  workspaces: string[];
  /** Environment of lifecycle scripts: `process.env` after @npmcli/config's `setEnvs`. */
  env: Record<string, string | undefined>;
  /** False when the user did not set `save` (npm's `update` then does not write package.json). */
  saveIsSet: boolean;
  /** Values of `allow-scripts`: of the command line and environment, and of the .npmrc files; empty where unset. */
  allowScripts: { commandLine: string[]; npmrc: string[] };
  /** Absolute path of npm's own `npm-cli.js` for `npm_execpath`, where npm was found. */
  npmExecPath: string | null;
}

/** A reviewed exception: findings of these rules do not count for this package until it expires. */
export interface PolicyException {
  /** `name` or `name@version`. */
  package: string;
  /** Rule ids; empty for all rules. */
  rules: string[];
  reason: string;
  /** ISO 8601 date; the configuration room refuses expired ones. */
  expires: string | null;
}

/** What the policy file says, merged and validated. */
export interface InstallPolicy {
  /** Scores 0–100 from which a verdict is `review`, or `block`. */
  thresholds: { review: number; block: number };
  /** `approved-only` runs no script that nobody approved. */
  scripts: 'run' | 'approved-only';
  /** `ask` asks at a terminal (where `ask` is given) and else fails with exit 11. */
  onReview: 'ask' | 'fail';
  sandbox: {
    require: 'full' | 'basic';
    limits: Partial<Limits>;
    /** Names of the profiles that are granted. */
    profiles?: string[];
    /** Absolute path of a settings file in sandbox-runtime's format that adds to every script's grant. */
    settings?: string | null;
    /** What violations lead to, where it is not the default. */
    violations?: SandboxOptions['consequences'];
  };
  /** Paths whose violations are only counted, by package name; `*` for all. */
  ignoreViolations?: Record<string, string[]>;
  /** Public keys whose imported verdicts count. */
  verdicts?: { trustedKeys: string[] };
  /** Additions to the default grant, by `name` or `name@version` (the latter wins). */
  grants: Record<string, Partial<Grant>>;
  exceptions: PolicyException[];
}

/** A script approval that is kept beside npm's own `allowScripts`. */
export interface RecordedApproval {
  /** `name@version`. */
  package: string;
  integrity: string;
  /** SHA-512 integrity of the scripts, as `scriptHash` of src/decide makes it. */
  scriptHash: string;
  grant: Partial<Grant> | null;
  reason: string;
  /** Its last day has passed: it approves nothing, and takes npm's approval of this package with it. */
  ended?: boolean;
}

/** One lifecycle script a package would run. */
export interface PendingScript {
  event: LifecycleEvent;
  command: string;
  /** True for `node-gyp rebuild`, which npm runs for a bare binding.gyp. */
  implicit: boolean;
}

/** One package that a person must decide on. */
export interface PendingReview {
  node: PackageNode;
  verdict: Verdict;
  scripts: PendingScript[];
  /** What each of its scripts may do, should it be approved. */
  grant: Grant;
  scriptHash: string;
  reason: string;
}

/** `stop` ends the install, `without-scripts` installs the package but runs nothing of it, `approve` goes on. */
export type ReviewAnswer = 'stop' | 'without-scripts' | 'approve';

/** Asks a person; answers stand in the order of the question. */
export type Ask = (pending: PendingReview[]) => Promise<ReviewAnswer[]>;

/** What goes on, for the live line. `done` and `total` count packages (scripts in `scripts`). */
export type ProgressEvent =
  | { phase: 'resolve' }
  | { phase: 'fetch'; done: number; total: number; name: string }
  | { phase: 'scan'; done: number; total: number; fromCache: number; name: string }
  | { phase: 'reify'; done: number; total: number }
  | { phase: 'scripts'; done: number; total: number; package: string; event: string }
  | { phase: 'root-script'; event: string; command: string };

/** Bytes that the analyzer reads: a tarball in a file (npm's cache keeps content as plain files), or a folder. */
export type ScanTarget =
  | {
      kind: 'tarball';
      file: string;
      integrity: string;
      /** Size of the tarball, where it is known: large ones are scanned first. */
      bytes?: number;
      source: PackageNode['source'];
      name: string;
      version: string;
    }
  | { kind: 'folder'; folder: string; source: PackageNode['source']; name: string; version: string };

/** The analyzer as the road needs it. */
export interface Scanner {
  scan(target: ScanTarget): Promise<Verdict>;
  /** The verdict that is known of these bytes, without reading them; null where there is none. */
  cached?(target: ScanTarget): Verdict | null;
  /** Whether there is such a verdict; it is not read for that. */
  knows?(integrity: string, source: PackageSourceKind): boolean;
  /** Told how many tarballs there are that it has no verdict of, before they come. */
  expect?(scans: number): void;
  /** Lets its threads load while other work is done. Called once it is known that something will be written. */
  warmUp?(): void;
  /** Writes a package that was scanned into its folder: from the unpacked store, else from its tarball, which is kept there. */
  place?(job: PlaceJob, tarball: string, bytes: number): Promise<PlaceResult>;
  close(): Promise<void>;
}

/** What a grant is computed for. */
export interface GrantSubject {
  packageNode: PackageNode;
  approval: RecordedApproval | null;
}

/** Rooms that an embedder or a test may put in place of the real ones. */
export interface Rooms {
  createScanner(options: Pick<InstallOptions, 'stateDir' | 'rulesFolders' | 'policy'>): Promise<Scanner>;
  /** Rejects with exit code 13 where no sandbox of at least this step can be had. Called before anything is written. */
  requireSandbox(require: SandboxOptions['require']): Promise<void>;
  createSandbox(options: SandboxOptions): Promise<Sandbox>;
  /** What one package's scripts may do. */
  grantFor(entry: GrantSubject, policy: InstallPolicy): Promise<Grant>;
  /** Told of each tarball that will be written if nothing is refused, as soon as it is allowed. */
  allowed?(pin: PinnedTarball): void;
  /** Unpacks a pinned tarball into a folder, verifying its hash. `mayLink`: its files may be hard links of the store's. */
  extract(name: string, pin: PinnedTarball, folder: string, settings: FetchSettings, mayLink?: boolean): Promise<void>;
}

/** Everything that one command needs to know. */
export interface InstallOptions {
  command: InstallCommand;
  /** Package arguments as typed: `lodash@4`, `github:u/r`, `./folder`. */
  specs: string[];
  npm: NpmSettings;
  policy: InstallPolicy;
  /** Approvals of safe-install.lock. */
  approvals: RecordedApproval[];
  /** SAFE_INSTALL_HOME: caches, audit log, quarantine. */
  stateDir: string;
  /** Rule folders besides the bundled one. */
  rulesFolders: string[];
  ask?: Ask;
  /** Packages without scripts and bins reach node_modules as read-only hard links of the store's files. Default: never. */
  link?: boolean;
  /** Where the project's own scripts write: the terminal, or stderr because stdout belongs to a report. Default `inherit`. */
  rootScriptsOutput?: 'inherit' | 'stderr';
  onProgress?: (event: ProgressEvent) => void;
  /** Ends the command (Ctrl-C): running scripts are killed and the tree is rolled back. */
  signal?: AbortSignal;
  rooms?: Partial<Rooms>;
  /** Packages (`name@version`) whose scripts are recorded call by call, with strace where it is there. */
  trace?: (packageId: string) => boolean;
}

/** What to scan without installing: folders, tarball files, lock files, or specs that npm understands. */
export interface ScanOptions {
  targets: string[];
  /** Folder that relative targets start from. */
  cwd: string;
  npm: NpmSettings;
  policy: InstallPolicy;
  stateDir: string;
  rulesFolders: string[];
  onProgress?: (event: ProgressEvent) => void;
  signal?: AbortSignal;
  rooms?: Partial<Rooms>;
}

/** The story of one package. */
export interface Explanation {
  package: ReportedPackage;
  scripts: PendingScript[];
  grant: Grant;
  decision: Decision;
  verdict: Verdict;
  /** Findings that an exception of the policy silences. */
  excepted: Finding[];
}

/** What `explain` is asked about. */
export interface ExplainOptions extends Omit<ScanOptions, 'targets'> {
  /** `name`, `name@version`, or any spec; a package of the project's tree is preferred. */
  spec: string;
  approvals: RecordedApproval[];
}

/** What `learn` is asked about. */
export interface LearnOptions
  extends Pick<
    InstallOptions,
    'npm' | 'policy' | 'approvals' | 'stateDir' | 'rulesFolders' | 'rooms' | 'ask' | 'onProgress' | 'signal'
  > {
  /** `name`, `name@version`, or any spec; the version in the project's tree is preferred. */
  spec: string;
  cwd: string;
}

/** What was learnt of one package. */
export interface Learnt {
  /** `name@version`. */
  package: string;
  runs: ScriptRun[];
  proposal: Proposal;
  /** The whole install in a folder of its own. */
  report: InstallReport;
}

export type { InstallReport };
