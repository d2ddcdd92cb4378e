export { commandNames } from './command-names.js';
export { lineOfField } from './line-of-field.js';
export { type Manifest, readManifest } from './read-manifest.js';
