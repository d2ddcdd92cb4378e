import pacote from 'pacote';
import { SafeInstallError } from '../errors.js';
import type { PinnedTarball } from './content.js';
import { failWithEntryErrors } from './entry-errors.js';
import type { FetchSettings } from './tarball.js';

/** The bytes on the way to node_modules are not those that were scanned. */
export class ChangedTarballError extends SafeInstallError {
  constructor(name: string, file: string, cause: unknown) {
    super(`The tarball of ${name} is not the one that was scanned; it was not installed.`, {
      code: 'ESCANNEDCHANGED',
      exitCode: 1,
      where: file,
      next: ["Run `npm cache verify`, then the command again. If it happens again, something writes to npm's cache."],
      cause,
    });
  }
}

/**
 * Unpacks a pinned tarball into a folder with npm's own rules for modes and links. The bytes are hashed on the way: when
 * they are not the pinned ones, nothing of them stays.
 * @throws ChangedTarballError
 */
export async function extractPinned(
  name: string,
  pin: PinnedTarball,
  folder: string,
  settings: FetchSettings,
): Promise<void> {
  const { flat } = settings;
  try {
    // The suffix makes it a tarball to pacote, which then reads the content by its hash; there is no other file to fall back to.
    await failWithEntryErrors(() =>
      pacote.extract(`file:${pin.file}.tgz`, folder, {
        resolved: pin.file,
        umask: flat['umask'],
        fmode: flat['fmode'],
        dmode: flat['dmode'],
        allowGitIgnore: flat['allowGitIgnore'],
        integrity: pin.integrity,
        ignoreScripts: true,
        cache: settings.cache,
      } as unknown as pacote.Options),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EINTEGRITY' || code === 'ENOENT' || code === 'Z_DATA_ERROR' || code === 'TAR_BAD_ARCHIVE') {
      throw new ChangedTarballError(name, pin.file, error);
    }
    throw error;
  }
}
