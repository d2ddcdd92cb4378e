import type { CodeLanguage } from '../task.js';
import { isExecutableMagic, magicOf } from './magic.js';

const BY_EXTENSION: Readonly<Record<string, CodeLanguage>> = {
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
  jsx: 'javascript',
  ts: 'javascript',
  cts: 'javascript',
  mts: 'javascript',
  tsx: 'javascript',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  command: 'shell',
  ksh: 'shell',
  py: 'python',
  pyw: 'python',
  rb: 'ruby',
  gemspec: 'ruby',
  rake: 'ruby',
  pl: 'perl',
  pm: 'perl',
  php: 'php',
  phtml: 'php',
  lua: 'foreign',
  applescript: 'foreign',
  tcl: 'foreign',
  awk: 'foreign',
  r: 'foreign',
  jl: 'foreign',
  go: 'foreign',
  rs: 'foreign',
  c: 'foreign',
  cc: 'foreign',
  cpp: 'foreign',
  java: 'foreign',
  groovy: 'foreign',
  gradle: 'foreign',
  cs: 'foreign',
  csproj: 'foreign',
  proj: 'foreign',
  swift: 'foreign',
  fish: 'shell',
  psd1: 'powershell',
  jse: 'batch',
  vbe: 'batch',
  ps1: 'powershell',
  psm1: 'powershell',
  bat: 'batch',
  cmd: 'batch',
  vbs: 'batch',
  hta: 'batch',
  wsf: 'batch',
  gyp: 'gyp',
  gypi: 'gyp',
  mk: 'make',
  cmake: 'make',
  exe: 'binary',
  dll: 'binary',
  so: 'binary',
  dylib: 'binary',
  node: 'binary',
  bin: 'binary',
  wasm: 'binary',
  scpt: 'binary',
};

/** Language of a file that something starts: by what starts it, its shebang, its magic, its extension. */
export function languageOf(path: string, bytes: Uint8Array): CodeLanguage | null {
  const magic = magicOf(bytes);
  if (isExecutableMagic(magic)) return 'binary';
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (magic === 'script') {
    const shebang = Buffer.from(bytes.subarray(0, 200)).toString('latin1').split('\n')[0] ?? '';
    if (/\b(?:node|nodejs|bun|deno|tsx|ts-node|zx)\b/.test(shebang)) return 'javascript';
    if (/\bpython[\d.]*\b/.test(shebang)) return 'python';
    if (/\bperl[\d.]*\b/.test(shebang)) return 'perl';
    if (/\bj?ruby[\d.]*\b/.test(shebang)) return 'ruby';
    if (/\bphp[\d.]*\b/.test(shebang)) return 'php';
    if (/\b(?:lua(?:jit)?[\d.]*|tclsh|wish|[gmn]?awk|Rscript|julia|osascript|expect|swift|groovy)\b/.test(shebang))
      return 'foreign';
    if (/\b(?:pwsh|powershell)\b/.test(shebang)) return 'powershell';
    if (/\b(?:sh|bash|dash|zsh|ksh|ash|busybox)\b/.test(shebang)) return 'shell';
    if (/\bmake\b/.test(shebang)) return 'make';
  }
  if (/^(?:GNU)?[Mm]akefile$/.test(name) || name === 'CMakeLists.txt') return 'make';
  if (name === 'configure') return 'shell';
  if (/^(?:Rakefile|Gemfile|Podfile|Fastfile)$/.test(name)) return 'ruby';
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? null : (BY_EXTENSION[extension] ?? null);
}
