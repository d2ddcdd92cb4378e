import module from 'node:module';
import { dirname } from 'node:path';

// Of Node 22 and later.
const { enableCompileCache, getCompileCacheDir, flushCompileCache } = module as {
  enableCompileCache?: (folder: string) => unknown;
  getCompileCacheDir?: () => string | undefined;
  flushCompileCache?: () => void;
};

/** The folder in which this process keeps compiled code; null where it does not. */
export function compiledCodeFolder(): string | null {
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
