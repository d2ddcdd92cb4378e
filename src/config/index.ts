export { findNpm, loadNpmConfig, type NpmConfig } from './npm-config.js';
export { isNpmKey, npmFlagNames } from './npm-flags.js';
export { loadPolicy, type PolicySources } from './policy/find.js';
export { PolicyError } from './policy/policy-error.js';
export type { Policy } from './policy/schema.js';
export { BASE, TEMPLATES } from './policy/templates.js';
export { stateDirectory } from './state-dir.js';
export { selectedWorkspaces } from './workspaces.js';
