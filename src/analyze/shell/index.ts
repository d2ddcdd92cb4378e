export { interpretShell } from './interpret.js';
export { isRemoteSpec } from './npm-commands.js';
