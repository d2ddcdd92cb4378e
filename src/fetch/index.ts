export { forEachLimited } from './concurrency.js';
export { findContent, type PinnedTarball } from './content.js';
export { ChangedTarballError, extractPinned } from './extract.js';
export { parseManifest, readTarballManifest, type TarballManifest } from './manifest.js';
export { type FetchSettings, fetchTarball } from './tarball.js';
export { dropContent, pinBytes } from './write-content.js';
