import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { NODE_KEEPS } from './compiled-code.js';

/** A large CommonJS file of this package, loaded. */
export interface CompiledFile {
  exports: unknown;
  /** Keeps what has been compiled of it, the functions that were called among it, for the next process; once. */
  keep(): void;
}

const HASH_BYTES = 32;

/**
 * Loads a CommonJS file of this package, whose name tells its contents. Compiling all of the analyzer takes longer than a small scan: Node 20,
 * which keeps no compiled code itself, takes it from where an earlier process left it.
 * @param folder where compiled code is kept; null for nowhere
 */
export function loadCompiled(file: string, folder: string | null): CompiledFile {
  if (NODE_KEEPS || folder === null) return { exports: createRequire(file)(file), keep: () => {} };
  const place = join(folder, `${process.version}-${process.arch}`);
  const kept = join(place, `${basename(file)}.cache`);
  const cachedData = readKept(kept);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(text, { filename: file, ...(cachedData === null ? {} : { cachedData }) });
  const module: { exports: unknown } = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  let known = cachedData !== null && script.cachedDataRejected !== true;
  const keep = (): void => {
    if (known) return;
    known = true;
    writeKept(kept, script.createCachedData());
  };
  return { exports: module.exports, keep };
}

/** V8 believes what it is given: bytes that are not the ones that were written are none. */
function readKept(kept: string): Buffer | null {
  try {
    const bytes = readFileSync(kept);
    const data = bytes.subarray(HASH_BYTES);
    return hashOf(data).equals(bytes.subarray(0, HASH_BYTES)) ? data : null;
  } catch {
    return null;
  }
}

/** Also removes what earlier versions of this package left: a name holds a hash of its file. */
function writeKept(kept: string, data: Buffer): void {
  const temporary = `${kept}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dirname(kept)))
      if (name !== basename(kept) && name.endsWith('.cache')) rmSync(join(dirname(kept), name), { force: true });
    writeFileSync(temporary, Buffer.concat([hashOf(data), data]));
    renameSync(temporary, kept);
  } catch {
    // compiled anew each time then
    rmSync(temporary, { force: true });
  }
}

function hashOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
