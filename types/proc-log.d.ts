declare module 'proc-log' {
  type Say = (prefix: string, ...message: unknown[]) => void;
  /** npm's log, a CommonJS module: `showNpmLog` prints it from the level that the user asked for. */
  const procLog: { log: Record<'error' | 'notice' | 'verbose' | 'warn', Say> };
  export default procLog;
}
