import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { defaultRulesFolder, loadRules, type PackageFiles, type RuleSet } from '../../src/analyze/index.js';
import { readManifest } from '../../src/analyze/manifest/index.js';
import type { ScanContext, TextTask } from '../../src/analyze/task.js';

let rules: RuleSet | null = null;

/** The rules that come with the package, loaded once. */
export function ownRules(): RuleSet {
  rules ??= loadRules([defaultRulesFolder()]);
  return rules;
}

/** A package from texts, as if it had been read from a tarball. */
export function packageOf(
  files: Record<string, string | Uint8Array>,
  manifest: Record<string, unknown> = {},
): PackageFiles {
  const all = { 'package.json': JSON.stringify({ name: 'sample', version: '1.0.0', ...manifest }, null, 2), ...files };
  const map = new Map(Object.entries(all).map(([path, content]) => [path, Buffer.from(content)] as const));
  const bytes = [...map.values()].reduce((sum, content) => sum + content.byteLength, 0);
  return {
    files: new Map(map),
    variants: new Map(),
    modes: new Map(),
    plain: true,
    problems: [],
    integrity: null,
    bytes,
    entries: map.size,
  };
}

/** A context for one front end. */
export function contextOf(
  files: Record<string, string | Uint8Array>,
  manifest: Record<string, unknown> = {},
): ScanContext {
  const inMemory = packageOf(files, manifest);
  return {
    files: inMemory,
    manifest: readManifest(inMemory).manifest,
    root: '',
    tables: ownRules().models,
    channels: new Map(),
    fetched: new Map(),
    written: new Set(),
  };
}

/** A script text that runs at install. */
export function scriptTask(text: string, language: TextTask['language'] = 'shell'): TextTask {
  const entry = { phase: 'install', file: 'package.json', via: 'scripts.postinstall' } as const;
  return { kind: 'text', language, text, entry, file: 'package.json', line: 1, taints: [], cwd: '', depth: 0 };
}

export interface RawEntry {
  path: string;
  content?: string | Uint8Array;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'Directory' | 'CharacterDevice';
  linkpath?: string;
}

/** A `.tgz` with entries as they are given, hostile ones too, which no packer would write. */
export function tarballOf(entries: readonly RawEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = '', type = 'File', linkpath } of entries) {
    const body = Buffer.from(content);
    const header = new Header({
      path,
      mode: 0o644,
      size: type === 'File' ? body.byteLength : 0,
      type,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    header.encode();
    blocks.push(header.block ?? Buffer.alloc(512));
    if (type === 'File') blocks.push(body, Buffer.alloc((512 - (body.byteLength % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
