export { listStore, type StoredPack, type StoreInventory } from './inventory.js';
export type { ScannedTarball } from './pack-tarball.js';
export { DEFAULT_MODES, type PlaceModes, type Share } from './place.js';
export type { PlaceResult } from './place-worker.js';
export { type Placer, type PlacerCounts, startPlacer } from './placer.js';
export { DEFAULT_STORE_LIMITS, pruneStore, type StoreLimits } from './prune.js';
export { storeFolder, strongIntegrity } from './store-path.js';
export { verifyStore } from './verify.js';
export { storeTarball } from './write-pack.js';
