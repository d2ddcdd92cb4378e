export { type ExchangePlace, exportVerdicts, importVerdicts } from './exchange.js';
export { makeKeyPair } from './signing-key.js';
