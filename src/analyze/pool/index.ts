export { defaultRulesFolder } from '../default-rules.js';
export { AnalyzerPool, type PoolOptions, ScanFailedError } from './analyzer-pool.js';
export { startEarlyScan, startEarlyWorkers, workerCount } from './early-worker.js';
