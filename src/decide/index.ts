export { type AllowScripts, type AllowScriptsLayers, isAllowed, resolveAllowScripts } from './allow-scripts.js';
export { type Case, decide, type Outcome } from './decision.js';
export { scriptHash } from './script-hash.js';
