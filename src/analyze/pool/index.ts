export { defaultRulesFolder } from '../default-rules.js';
export { AnalyzerPool, type PoolOptions, ScanFailedError } from './analyzer-pool.js';
export { startEarlyWorker } from './early-worker.js';
