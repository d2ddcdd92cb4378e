export { interpretBatch } from './batch.js';
export { FOREIGN } from './foreign.js';
export { PERL } from './perl.js';
export { PHP } from './php.js';
export { POWERSHELL } from './powershell.js';
export { PYTHON } from './python.js';
export { RUBY } from './ruby.js';
export { scanTokens } from './scan.js';
