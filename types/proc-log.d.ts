declare module 'proc-log' {
  /** npm's log, a CommonJS module: `showNpmLog` prints it from the level that the user asked for. */
  const procLog: { log: { verbose(prefix: string, ...message: unknown[]): void } };
  export default procLog;
}
