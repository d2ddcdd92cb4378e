import { posix } from 'node:path';
import { resolveFile } from '../entry-points/index.js';
import { factAt } from '../fact.js';
import { emptyResult, type FrontEndResult, HOLE, type ScanContext, type TextTask } from '../task.js';
import { expanded, gypVariables } from './gyp-variables.js';

const MAX_EXPANSIONS = 100;

/** Reads binding.gyp or a .gypi: every command that gyp or the build would run becomes a shell text, every include a file. */
export function interpretGyp(task: TextTask, context: ScanContext): FrontEndResult {
  const result = emptyResult();
  const text = stripComments(task.text);
  const variables = gypVariables(task.file, context);
  const strings = [...text.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/g)];
  const lineAt = (at: number): number => task.line + (text.slice(0, at).match(/\n/g)?.length ?? 0);
  const shell = (command: string, at: number, via: string): void => {
    const plain = expanded(placed(command), variables);
    const entry = { ...task.entry, via: `${task.entry.via} ${via}`.slice(0, 160) };
    result.next.push({
      ...task,
      language: 'shell',
      text: plain,
      entry,
      line: lineAt(at),
      taints: [],
      depth: task.depth + 1,
    });
  };
  for (const match of strings) {
    const value = (match[1] ?? match[2] ?? '').replace(/\\(["'\\])/g, '$1');
    // A command may be put together of variables: `<!(<(tool))`.
    for (const command of expansions(/[<>^]!/.test(value) ? expandedInside(value) : value)) {
      if (command.kind === 'pymod') {
        result.facts.push(
          factAt('unresolved-entry.gyp-module', `gyp loads the Python module of ${command.text}`, {
            file: task.file,
            line: lineAt(match.index),
            entry: task.entry,
          }),
        );
        const module = resolveFile(context, task.cwd, `${command.text.trim().split(/\s+/)[0] ?? ''}.py`);
        if (module !== null)
          result.next.push({ kind: 'file', path: module, entry: { ...task.entry, file: module }, language: 'python' });
      } else shell(command.text, match.index, `${command.kind}(…)`);
    }
    // Targets of another file are built before, with what that file runs.
    const other = /^([\w./-]+\.gyp):[\w*-]+(?:#\w+)?$/.exec(value)?.[1];
    const path = other === undefined ? null : resolveFile(context, task.cwd, other);
    if (path !== null) result.next.push({ kind: 'file', path, entry: { ...task.entry, file: path }, language: 'gyp' });
    // The generated Makefile gives flags to a shell.
    for (const [, command = ''] of value.matchAll(/`([^`]+)`|\$\(shell\s+([^)]+)\)/g))
      if (command !== '') shell(command, match.index, '`…`');
  }
  for (const match of text.matchAll(/["'](?:action|command|postbuilds?|message_command)["']\s*:\s*\[([^\]]*)\]/g)) {
    const words = [...(match[1] ?? '').matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/g)].map((word) =>
      expandedInside(word[1] ?? word[2] ?? ''),
    );
    if (words.length > 0)
      shell(
        words
          .map((word) =>
            /[\s"'$&|;<>()]/.test(word) && !/^[<>]@?\([\w-]+\)$/.test(word)
              ? `'${word.replaceAll("'", "'\\''")}'`
              : word,
          )
          .join(' '),
        match.index,
        'action',
      );
  }
  for (const match of text.matchAll(
    /\[\s*["'](?:CC|CXX|LINK|AR|LD)(?:\.\w+)?(?:_wrapper)?["']\s*,\s*(["'])((?:\\.|(?!\1)[^\\])*)\1\s*\]/g,
  ))
    if (/\s/.test(match[2] ?? ''))
      shell((match[2] ?? '').replace(/\\(["'\\])/g, '$1'), match.index, 'make_global_settings');
  for (const match of text.matchAll(/["']includes["']\s*:\s*\[([^\]]*)\]/g)) {
    for (const name of (match[1] ?? '').matchAll(/["']([^"']+)["']/g)) include(name[1] ?? '', match.index);
  }
  return result;

  function expandedInside(value: string): string {
    const plain = expanded(placed(value), variables);
    return plain.includes(HOLE) ? value : plain;
  }

  function include(name: string, at: number): void {
    if (name.includes('<!') || name.includes('<(')) return;
    const folder = posix.dirname(task.file);
    const path = resolveFile(context, folder === '.' ? '' : folder, name);
    // Commands of what is included run in the folder of the file that is built.
    if (path !== null)
      result.next.push({
        kind: 'file',
        path,
        entry: { ...task.entry, file: path },
        language: 'gyp',
        cwd: task.cwd,
      });
    else if (!name.includes('node_modules'))
      result.facts.push(
        factAt('unresolved-entry.missing', `binding.gyp includes ${name}, which is not in the package`, {
          file: task.file,
          line: lineAt(at),
          entry: task.entry,
        }),
      );
  }
}

function placed(command: string): string {
  return command.replace(/<\((?:module_root_dir|DEPTH)\)\/?/g, '').replace(/<\(PRODUCT_DIR\)/g, 'build/Release');
}

/** `<!(cmd)`, `<!@(cmd)`, `>!(cmd)` with their parentheses balanced; one inside another belongs to its text. */
function expansions(value: string): { kind: '<!' | 'pymod'; text: string }[] {
  const found: { kind: '<!' | 'pymod'; text: string }[] = [];
  for (const [, name = ''] of value.matchAll(/[<>^]!@?pymod_do_main\(([^)]*)\)/g))
    found.push({ kind: 'pymod', text: name });
  const opening = /[<>^]!@?\(/g;
  for (let match = opening.exec(value); match !== null && found.length < MAX_EXPANSIONS; match = opening.exec(value)) {
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    for (; end < value.length && depth > 0; end += 1) {
      if (value[end] === '(') depth += 1;
      else if (value[end] === ')') depth -= 1;
    }
    opening.lastIndex = end;
    const inner = value.slice(start, depth === 0 ? end - 1 : value.length).trim();
    if (/^pymod_do_main\b/.test(inner)) found.push({ kind: 'pymod', text: inner.replace(/^pymod_do_main\s*\(?/, '') });
    // gyp also takes a list: <!(["cmd", "arg"]).
    else if (inner.startsWith('['))
      found.push({ kind: '<!', text: inner.replace(/^\[|\]$/g, '').replaceAll(',', ' ') });
    else found.push({ kind: '<!', text: inner });
  }
  return found;
}

function stripComments(text: string): string {
  return text.replace(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|#[^\n]*/g, (_all, kept?: string) => kept ?? '');
}
