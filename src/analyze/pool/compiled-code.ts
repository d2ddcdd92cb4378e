import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';

// Of Node 22 and later.
const { enableCompileCache, getCompileCacheDir, flushCompileCache } = module as {
  enableCompileCache?: (folder: string) => unknown;
  getCompileCacheDir?: () => string | undefined;
  flushCompileCache?: () => void;
};

/** Whether this Node keeps compiled code by itself; where it does not, `compiled-file.ts` keeps that of the analyzer. */
export const NODE_KEEPS = enableCompileCache !== undefined;

let own: string | null = null;

/**
 * Lets this process keep compiled code in a folder, which is made where there is none: one of our state, so that other users cannot
 * plant anything there. A folder that cannot be written is none.
 */
export function keepCompiledCodeIn(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    own = folder;
    enableCompileCache?.(folder);
  } catch {
    // the command that needs the state folder reports it
  }
}

/** The folder in which this process keeps compiled code; null where it does not. */
export function compiledCodeFolder(): string | null {
  if (!NODE_KEEPS) return own;
  const ofThisVersion = getCompileCacheDir?.();
  return ofThisVersion === undefined ? null : dirname(ofThisVersion);
}

/** Lets this thread take compiled code from a folder: threads do not do as the process does. */
export function useCompiledCode(folder: string | null): void {
  if (folder !== null) enableCompileCache?.(folder);
}

/** Keeps what this thread has compiled: one that is ended by another does not. Takes a while where there is something new only. */
export function keepCompiledCode(): void {
  flushCompileCache?.();
}
