export { findNpm, loadNpmConfig, type NpmConfig } from './npm-config.js';
export { isNpmKey, npmFlagNames } from './npm-flags.js';
export { addToPolicy, type PolicyEdit } from './policy/edit.js';
export { policyJsonSchema } from './policy/json-schema.js';
export { loadPolicy, PolicyError, type PolicySources } from './policy/load.js';
export { grantSchema, limitsSchema, type Policy, policyFileSchema } from './policy/schema.js';
export { BASE, TEMPLATES } from './policy/templates.js';
export { stateDirectory } from './state-dir.js';
export { selectedWorkspaces } from './workspaces.js';
