import { rename, rm, writeFile } from 'node:fs/promises';

/** Puts a text in the place of a file at once: whoever reads sees the old one or the new one, and a failure leaves the old. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
