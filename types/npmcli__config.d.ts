declare module '@npmcli/config' {
  interface ConfigOptions {
    definitions: Record<string, unknown>;
    shorthands: Record<string, string[]>;
    flatten: (values: object, flat: object) => object;
    nerfDarts?: string[];
    npmPath: string;
    env?: Record<string, string | undefined>;
    argv?: string[];
    cwd?: string;
    warn?: boolean;
  }
  export default class Config {
    constructor(options: ConfigOptions);
    load(): Promise<void>;
    validate(): boolean;
    logWarnings(): void;
    get(key: string, where?: string): unknown;
    set(key: string, value: unknown, where?: string): void;
    isDefault(key: string): boolean;
    find(key: string): string | null;
    readonly flat: Record<string, unknown>;
    readonly prefix: string;
    readonly localPrefix: string;
    readonly globalPrefix: string;
    readonly localPackage: boolean | null;
    readonly npmBin: string;
    readonly data: Map<
      string,
      { data: Record<string, unknown>; loadError: (Error & { code?: string }) | null; source: string | null }
    >;
    readonly parsedArgv: { remain: string[]; cooked: string[]; original: string[] };
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  interface Definition {
    key: string;
    type: unknown;
    default: unknown;
    short: string | string[] | null;
    description: string;
    deprecated?: string;
  }
  const exported: {
    definitions: Record<string, Definition>;
    shorthands: Record<string, string[]>;
    flatten: (values: object, flat: object) => object;
    nerfDarts: string[];
  };
  export default exported;
}

declare module '@npmcli/config/lib/parse-allow-scripts-list.js' {
  export default function parseAllowScriptsList(raw: unknown): string[];
}

declare module '@npmcli/map-workspaces' {
  export default function mapWorkspaces(options: { cwd: string; pkg: object }): Promise<Map<string, string>>;
}
