export { forEachLimited } from './concurrency.js';
export { dropContent, findContent, type PinnedTarball, pinBytes } from './content.js';
export { ChangedTarballError, extractPinned } from './extract.js';
export { parseManifest, readTarballManifest, type TarballManifest } from './manifest.js';
export { type FetchSettings, fetchTarball } from './tarball.js';
