import { closeSync, writeSync } from 'node:fs';

/** Writes all of a content into an open file and closes it, whatever happens. */
export function writeAndClose(handle: number, content: Uint8Array): void {
  try {
    let written = 0;
    while (written < content.byteLength) written += writeSync(handle, content, written);
  } finally {
    closeSync(handle);
  }
}
