import { posix } from 'node:path';
import { z } from 'zod';
import { textOf } from '../package-files.js';
import type { ShellState } from './state.js';
import { constant, type ShellValue } from './value.js';

const importMap = z.object({
  imports: z.record(z.string(), z.string().catch('')).catch({}),
  scopes: z.record(z.string(), z.record(z.string(), z.string().catch('')).catch({})).catch({}),
  importMap: z.string().optional().catch(undefined),
});
/** Places that publish modules for everybody, by versions. */
const REGISTRIES = /^https:\/\/(?:[\w-]+\.)*(?:deno\.land|jsr\.io|esm\.sh|unpkg\.com|jsdelivr\.net|skypack\.dev)\//;
const OPTION = /^(?:--import-map|--config|-c|--preload|--import)(?:=(.+))?$/;

/** What deno loads from elsewhere because a map says so: the code that is started names it by a short word only. */
export function denoImports(args: readonly ShellValue[], state: ShellState, at: number): void {
  const named = args.flatMap((arg, index) => {
    const option = OPTION.exec(arg.text);
    return option === null ? [] : [option[1] ?? args[index + 1]?.text ?? ''];
  });
  const folder = state.cwd === '' ? '.' : state.cwd;
  for (const file of [...named, 'deno.json', 'deno.jsonc', 'import_map.json']) read(file, folder, 0);

  function read(file: string, from: string, depth: number): void {
    if (depth > 2) return;
    if (/^https?:/.test(file)) {
      state.observe('code.require', 'shell.deno', [constant(file)], at);
      return;
    }
    const path = posix.normalize(posix.join(from, file));
    const bytes = state.context.files.files.get(path);
    const map = bytes === undefined || !/\.jsonc?$/.test(path) ? null : parsed(textOf(bytes));
    if (map === null) return;
    const targets = [map.imports, ...Object.values(map.scopes)].flatMap((table) => Object.values(table));
    for (const target of new Set(targets))
      if (/^https?:/.test(target) && !REGISTRIES.test(target))
        state.observe('code.require', 'shell.deno', [constant(target)], at);
    if (map.importMap !== undefined) read(map.importMap, posix.dirname(path), depth + 1);
  }
}

function parsed(text: string): z.infer<typeof importMap> | null {
  try {
    const plain = text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, kept?: string) => kept ?? '');
    const result = importMap.safeParse(JSON.parse(plain.replace(/,(\s*[}\]])/g, '$1')));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
