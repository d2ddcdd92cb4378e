import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** One entry of a tarball, as hostile as it likes. */
export interface Entry {
  path: string;
  body?: string | Uint8Array;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'Directory' | 'CharacterDevice' | 'FIFO';
  linkpath?: string;
  mode?: number;
  /** Size that the header claims; the body's by default. */
  claims?: number;
}

/** Packs entries without any of the checks that a packer makes. */
export function pack(entries: readonly Entry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, body = '', type = 'File', linkpath, mode = 0o644, claims } of entries) {
    const bytes = Buffer.from(body);
    const header = new Header({ path, type, mode, size: claims ?? bytes.length, ...(linkpath ? { linkpath } : {}) });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    blocks.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A gzipped tarball. */
export function packed(entries: readonly Entry[]): Buffer {
  return gzipSync(pack(entries));
}

/** The entries of a package whose postinstall runs `setup.js`. */
export function withInstallScript(setup: string | Uint8Array, more: readonly Entry[] = []): Entry[] {
  const manifest = { name: 'subject', version: '1.0.0', main: 'index.js', scripts: { postinstall: 'node setup.js' } };
  return [
    { path: 'package/package.json', body: JSON.stringify(manifest) },
    { path: 'package/index.js', body: 'module.exports = 1;\n' },
    { path: 'package/setup.js', body: setup },
    ...more,
  ];
}
