export { forEachLimited } from './concurrency.js';
export { findContent, type PinnedTarball } from './content.js';
export { ChangedTarballError, extractPinned } from './extract.js';
export { readTarballManifest } from './manifest.js';
export { parseManifest, type TarballManifest } from './parse-manifest.js';
export { type FetchSettings, fetchTarball } from './tarball.js';
export { dropContent, pinBytes } from './write-content.js';
