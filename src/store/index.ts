export { listStore, type StoredPack, type StoreInventory } from './inventory.js';
export type { ScannedTarball } from './pack-tarball.js';
export { DEFAULT_MODES, type PlaceJob, type PlaceModes, type Share } from './place.js';
export type { PlaceResult } from './place-job.js';
export { DEFAULT_STORE_LIMITS, pruneDaily, pruneStore, type StoreLimits } from './prune.js';
export { storeFolder } from './store-path.js';
export { verifyStore } from './verify.js';
export { isStored, storedBytes, storeTarball } from './write-pack.js';
