export { FolderUnreadableError, readFolder } from './folder.js';
export { IntegrityMismatchError, readTarball } from './tarball.js';
