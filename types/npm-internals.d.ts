declare module '@npmcli/arborist/lib/diff.js' {
  interface CalculateOptions {
    actual: unknown;
    ideal: unknown;
    filterNodes?: unknown[];
    shrinkwrapInflated?: Set<unknown>;
    omit?: Set<string>;
  }
  const Diff: { calculate(options: CalculateOptions): unknown };
  export default Diff;
}

declare module '@npmcli/arborist/lib/node.js' {
  const Node: new (options: Record<string, unknown>) => unknown;
  export default Node;
}

declare module '@npmcli/arborist/lib/script-allowed.js' {
  const scriptAllowed: {
    isScriptAllowed(node: unknown, policy: Record<string, unknown> | null): boolean | null;
    isExactVersionDisjunction(range: string): boolean;
  };
  export default scriptAllowed;
}

declare module '@npmcli/run-script' {
  interface RunScriptOptions {
    event: string;
    path: string;
    pkg?: unknown;
    args?: string[];
    env?: Record<string, string | undefined>;
    scriptShell?: string | undefined;
    stdio?: 'inherit' | 'pipe' | (number | 'inherit' | 'pipe' | 'ignore')[];
  }
  interface RunScriptResult {
    code: number | null;
    signal: string | null;
    stdout?: string | Buffer;
    stderr?: string | Buffer;
  }
  function runScript(options: RunScriptOptions): Promise<RunScriptResult>;
  export default runScript;
}

declare module '@npmcli/run-script/lib/set-path.js' {
  /** Puts the node_modules/.bin folders up to the root, and node-gyp, in front of every PATH-like key of `env`. */
  function setPath(
    projectPath: string,
    binPaths: string[] | false,
    env: Record<string, string | undefined>,
  ): Record<string, string | undefined>;
  export default setPath;
}

declare module '@npmcli/run-script/lib/package-envs.js' {
  function packageEnvs(pkg: unknown): Record<string, string>;
  export default packageEnvs;
}

declare module 'cacache/lib/content/path.js' {
  /** File that holds the content of an integrity in a cache. */
  function contentPath(cache: string, integrity: string): string;
  export default contentPath;
}

declare module 'bin-links' {
  const binLinks: {
    /** Links the bins of one package: into the `.bin` beside it, or with `top` and `global` into the prefix. */
    (options: { path: string; pkg: object; top: boolean; global: boolean; force: boolean }): Promise<unknown>;
    /** Forgets which bins were linked in this process; it links each path once. */
    resetSeen(): void;
  };
  export default binLinks;
}
