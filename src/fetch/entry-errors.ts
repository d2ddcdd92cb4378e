// tar tells of a file that could not be written by a warning only, and npm goes on with a truncated package.
const FATAL = /^(ENOSPC|EDQUOT|EIO|EROFS|EACCES|EPERM|EMFILE|ENFILE|EFBIG)\b/;

const watchers = new Set<(message: string) => void>();

function listen(level: unknown, prefix: unknown, code: unknown, message: unknown): void {
  const text = message instanceof Error ? message.message : String(message);
  if (level === 'warn' && prefix === 'tar' && code === 'TAR_ENTRY_ERROR' && FATAL.test(text)) {
    for (const watcher of watchers) {
      watcher(text);
    }
  }
}

/**
 * Runs an extraction by npm's code, and rejects when a file could not be written (a full disk, missing rights), which npm
 * only logs. Extractions at the same time share what is seen: each of them then fails, as the install does anyway.
 */
export async function failWithEntryErrors<Result>(extract: () => Promise<Result>): Promise<Result> {
  let seen: string | null = null;
  const watcher = (message: string): void => {
    seen ??= message;
  };
  if (watchers.size === 0) {
    process.on('log', listen);
  }
  watchers.add(watcher);
  try {
    const result = await extract();
    if (seen !== null) {
      throw asError(seen);
    }
    return result;
  } catch (error) {
    throw seen === null ? error : asError(seen);
  } finally {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      process.off('log', listen);
    }
  }
}

function asError(message: string): Error {
  return Object.assign(new Error(message), { code: FATAL.exec(message)?.[1] });
}
