export { type FilterArchitecture, seccompProgram } from './program.js';
export { type ArgumentTest, REFUSED_CALLS, type RefusedCall } from './table.js';
