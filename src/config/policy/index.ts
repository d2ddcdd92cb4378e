// The door to what parses policies: npm's commands without a policy file do not load it.
export { addToPolicy, type PolicyEdit } from './edit.js';
export { policyJsonSchema } from './json-schema.js';
export { readPolicy } from './load.js';
export { grantSchema, limitsSchema, policyFileSchema } from './schema.js';
