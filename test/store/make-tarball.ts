import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** One raw entry: nothing about it is made tidy. */
export interface RawEntry {
  path: string;
  content?: string;
  mode?: number;
  type?: 'File' | 'Directory' | 'SymbolicLink';
  linkpath?: string;
}

/** A .tgz of entries exactly as given, also those that no packer would write. */
export function makeTarball(entries: RawEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = '', mode = 0o644, type = 'File', linkpath } of entries) {
    const body = Buffer.from(content);
    const header = new Header({
      path,
      mode,
      type,
      size: body.length,
      mtime: new Date(0),
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
