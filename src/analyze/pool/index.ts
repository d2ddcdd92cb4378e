export { AnalyzerPool, type PoolOptions, ScanFailedError } from './analyzer-pool.js';
