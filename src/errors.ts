/** Exit codes of every command (DESIGN 7); a failed lifecycle script keeps its own code. */
export const EXIT = {
  ok: 0,
  npm: 1,
  blocked: 10,
  review: 11,
  violation: 12,
  noSandbox: 13,
  config: 14,
} as const;

/** What a person is told when something goes wrong: what happened, where, and what to do next. */
export interface ErrorAdvice {
  /** Stable identifier in the style of npm's codes, e.g. `ESANDBOXUNAVAILABLE`. */
  code: string;
  /** Process exit code that the CLI ends with. */
  exitCode: number;
  /** The file, package, host or flag that the error is about. */
  where?: string;
  /** One or more lines a person can act on. */
  next?: string[];
  cause?: unknown;
}

/** Base of every error that safe-install raises on purpose; the CLI prints it without a stack trace. */
export class SafeInstallError extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly where: string | undefined;
  readonly next: string[];

  constructor(message: string, advice: ErrorAdvice) {
    super(message, advice.cause === undefined ? undefined : { cause: advice.cause });
    this.name = new.target.name;
    this.code = advice.code;
    this.exitCode = advice.exitCode;
    this.where = advice.where;
    this.next = advice.next ?? [];
  }
}
