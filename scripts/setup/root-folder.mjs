import { fileURLToPath } from 'node:url';

/** Absolute path of this repository. */
export const rootFolder = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
