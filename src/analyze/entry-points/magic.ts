/** What the first bytes of a file say it is. */
export type Magic =
  | 'elf'
  | 'pe'
  | 'mach-o'
  | 'wasm'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'ico'
  | 'bmp'
  | 'woff'
  | 'ttf'
  | 'pdf'
  | 'zip'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | '7z'
  | 'java-class'
  | 'mp4'
  | 'script'
  | 'unknown';

const SIGNATURES: readonly (readonly [Magic, readonly number[]])[] = [
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
  ['wasm', [0x00, 0x61, 0x73, 0x6d]],
  ['mach-o', [0xfe, 0xed, 0xfa, 0xce]],
  ['mach-o', [0xfe, 0xed, 0xfa, 0xcf]],
  ['mach-o', [0xce, 0xfa, 0xed, 0xfe]],
  ['mach-o', [0xcf, 0xfa, 0xed, 0xfe]],
  ['png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['ico', [0x00, 0x00, 0x01, 0x00]],
  ['woff', [0x77, 0x4f, 0x46]],
  ['ttf', [0x00, 0x01, 0x00, 0x00]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['script', [0x23, 0x21]],
];

/** Recognises executables and common containers by magic number. */
export function magicOf(bytes: Uint8Array): Magic {
  for (const [kind, signature] of SIGNATURES) {
    if (signature.every((byte, index) => bytes[index] === byte)) return kind;
  }
  if (bytes[0] === 0x4d && bytes[1] === 0x5a && bytes.byteLength > 64) {
    const header = (bytes[0x3c] ?? 0) | ((bytes[0x3d] ?? 0) << 8);
    if (bytes[header] === 0x50 && bytes[header + 1] === 0x45) return 'pe';
  }
  if (bytes[0] === 0xca && bytes[1] === 0xfe && bytes[2] === 0xba && bytes[3] === 0xbe) {
    // Fat Mach-O and Java classes share the number; a fat file has few architectures, a class a version above 40.
    return (bytes[7] ?? 0) < 40 ? 'mach-o' : 'java-class';
  }
  return 'unknown';
}

const ASSETS: ReadonlySet<Magic> = new Set<Magic>(['png', 'jpeg', 'ico', 'ttf', 'wasm', 'gzip', 'xz', 'zip']);

/** True for what begins as no JavaScript can and is no program either: bundlers, React Native and `exports` name it like modules. */
export function isAssetMagic(kind: Magic): boolean {
  return ASSETS.has(kind);
}

/** True for what an operating system runs directly. */
export function isExecutableMagic(kind: Magic): boolean {
  return kind === 'elf' || kind === 'pe' || kind === 'mach-o';
}
