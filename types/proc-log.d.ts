declare module 'proc-log' {
  /** npm's log: `showNpmLog` prints it from the level that the user asked for. */
  export const log: { verbose(prefix: string, ...message: unknown[]): void };
}
