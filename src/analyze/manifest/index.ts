export { type Manifest, readManifest } from './read-manifest.js';
export { lineOfField } from './line-of-field.js';
