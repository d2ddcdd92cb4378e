import type { Action, SandboxEvent, SandboxLevel, ScriptRun } from '../model.js';
import type { GatewayMetrics } from './gateway/index.js';

/** Upper bounds for one script; each has a default in policy. Bytes and milliseconds. */
export interface Limits {
  wallMs: number;
  cpuSeconds: number;
  processes: number;
  memoryBytes: number;
  fileBytes: number;
  writtenBytes: number;
  openFiles: number;
}

/** What one script may do. Computed from policy, profile and approval before it runs. */
export interface Grant {
  /** Absolute folders that the script may write besides its own package folder, HOME and /tmp of the sandbox. */
  writable: string[];
  /** Absolute files or folders that the script may read besides the toolchain and node_modules. */
  readable: string[];
  /** Hosts besides the registries, `name` or `*.name`, port 443; with `:port` TLS on that port. */
  hosts: string[];
  /** Names of environment variables of the installer that pass through. */
  env: string[];
  /** Variables set for the script, whatever the installer has. */
  setEnv?: Record<string, string>;
  limits: Limits;
  /** Hosts that stay closed though `hosts` covers them; `*` closes all. */
  deniedHosts?: string[];
  /**
   * Exceptions to the tree that the fields above and the package folder give, outermost first, so that a later one may lie
   * inside an earlier one: `hidden` is not there, `read` is read-only, `write` is writable. Absolute, real paths.
   */
  places?: Place[];
  /** How deep writable folders are searched for protected names (.git/hooks, .vscode …), 1–10; default 3. */
  protectedDepth?: number;
  /** Path patterns whose violations are only counted. */
  ignoreViolations?: string[];
  /** macOS: the command may bind and reach ports of localhost. On Linux every sandbox has a loopback of its own. */
  localBinding?: boolean;
}

/** One exception in the tree that a script sees. */
export interface Place {
  path: string;
  access: 'hidden' | 'read' | 'write';
}

/** One script to run. */
export interface ScriptRequest {
  /** `name@version`. */
  package: string;
  /** Location in the tree, e.g. `node_modules/esbuild`. */
  location: string;
  event: string;
  command: string;
  /** Absolute, real path of the package folder: working directory, and writable. */
  cwd: string;
  /** False where the working directory is no package folder and only the grant says what may be written. Default true. */
  cwdWritable?: boolean;
  /** Environment as npm would give it to the script; the sandbox filters it. PATH included. */
  env: Record<string, string>;
  /** `inherit` shows the output as it comes (--foreground-scripts), `pipe` keeps it for the report. */
  stdio: 'inherit' | 'pipe';
  /** Records files, programs, connections and refused calls with strace, where it is there. */
  trace?: boolean;
  /** Ends the script from outside (Ctrl-C, another script's failure). */
  signal?: AbortSignal;
}

/** A registry that scripts may read from, as npm's configuration names it. */
export interface RegistryOrigin {
  /** Base URL, e.g. the value of `registry` or `@scope:registry`. */
  url: string;
  /** Value of the Authorization header that the gateway adds outside; never shown inside. */
  authorization?: string;
}

export interface SandboxOptions {
  /** Absolute root of the install (npm's prefix). */
  projectRoot: string;
  /** Absolute folders whose content all scripts may read: the node_modules folders of project and workspaces. */
  readable: string[];
  registries: RegistryOrigin[];
  /** How the gateway reaches the outside: the user's own proxy and certificate authorities. */
  upstream: { httpsProxy?: string; httpProxy?: string; noProxy?: string; cafile?: string; ca?: string[] };
  /** SAFE_INSTALL_HOME: the sandbox keeps nothing inside the project. */
  stateDir: string;
  /** Lowest step of the fallback ladder that is good enough. */
  require: 'full' | 'basic';
  /** Scans a tarball that a script fetches through the gateway; anything but `allow` is refused. */
  scanTarball?: (tarball: Uint8Array, url: string) => Promise<Action>;
  onEvent?: (event: SandboxEvent) => void;
  /** What a violation leads to; what is not named here keeps its default (see `defaultConsequences`). */
  consequences?: Partial<Record<ViolationKind, Consequence>>;
  /** Scripts that may run at the same time, each in an outer sandbox of its own; default: by the number of processors, at most 4. */
  concurrency?: number;
}

/** Attempts that are more than a denied request. */
export type ViolationKind = 'canary' | 'decoy-then-network' | 'protected-path';

/** `kill` ends the script at once and makes the run a violation; `report` leaves it at the event. */
export type Consequence = 'report' | 'kill';

/** One confined place for the scripts of one install. */
export interface Sandbox {
  readonly level: SandboxLevel;
  /**
   * Runs one script under one grant. A failing script is a result; only a broken sandbox or a grant that cannot be given
   * throws. `request.signal` ends it: with its reason where that is `SIGINT` or `SIGTERM` (and SIGKILL two seconds
   * later), else with SIGTERM.
   */
  run(request: ScriptRequest, grant: Grant): Promise<ScriptRun>;
  /** Starts what the next script of an unremarkable package will need, where that can be done before it; never throws. */
  warmUp?(): Promise<void>;
  /** What the way out carried so far. */
  metrics?(): GatewayMetrics;
  /** Ends everything that still runs and removes the temporary folders. Safe to call twice. */
  close(): Promise<void>;
}
