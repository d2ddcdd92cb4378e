import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SandboxUnavailableError } from '../sandbox-errors.js';

/** Folder of the compiled helper: beside this file when that is compiled too, else in dist. */
export function helperFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const compiled = import.meta.url.endsWith('.js')
    ? join(here, 'helper')
    : join(here, '../../../dist/sandbox/bubblewrap/helper');
  if (!existsSync(join(compiled, 'main.js'))) {
    throw new SandboxUnavailableError(`The sandbox's helper is not compiled (${compiled}).`, ['Run `npm run build`.']);
  }
  return compiled;
}
