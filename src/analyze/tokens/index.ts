export { interpretBatch } from './batch.js';
export { POWERSHELL } from './powershell.js';
export { PYTHON } from './python.js';
export { scanTokens } from './scan.js';
