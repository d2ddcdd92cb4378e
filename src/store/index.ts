export type { ScannedTarball } from './pack-tarball.js';
export { DEFAULT_MODES, type PlaceModes } from './place.js';
export { type Placer, type PlacerCounts, startPlacer } from './placer.js';
export { storeFolder, strongIntegrity } from './store-path.js';
export { storeTarball } from './write-pack.js';
