import type { ShellState } from './state.js';
import { constant, isConstant, type ShellValue } from './value.js';

const MOST_NAMES = 60;

/** The names that a text of lines or words has; one value for a text that is not known. */
export function namesIn(text: ShellValue): ShellValue[] {
  if (!isConstant(text)) return [text];
  const names = text.text.split(/[\s\0]+/).filter((name) => name !== '');
  return names.length > MOST_NAMES ? [text] : names.map((name) => ({ ...text, text: name }));
}

/** Files that a packer is told of by a list: on its standard input, or in a file. */
export function listedIn(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): ShellValue[] {
  if (name === 'cpio' || (name === 'pax' && args.some(({ text }) => /^-\w*w/.test(text)))) return namesIn(stdin);
  if (name === 'zip' || name === '7z') {
    if (args.some(({ text }) => /^-\w*@$/.test(text))) return namesIn(stdin);
    return args.filter(({ text }) => /^@./.test(text)).flatMap((list) => namesOf(list, 1, state, at));
  }
  if (!/^(?:tar|rsync|wc|sort)$/.test(name)) return [];
  return args.flatMap((arg, index) => {
    const glued = /^(?:-T|--files-from=|--files0-from=|-I)(.+)$/.exec(arg.text)?.[1];
    const list =
      glued !== undefined
        ? { ...arg, text: glued }
        : /^(?:-T|--files-from|-I)$/.test(arg.text)
          ? args[index + 1]
          : undefined;
    if (list === undefined) return [];
    return list.text === '-' || list.text === '/dev/stdin' ? namesIn(stdin) : namesOf(list, 0, state, at);
  });
}

function namesOf(list: ShellValue, from: number, state: ShellState, at: number): ShellValue[] {
  const file = { ...list, text: list.text.slice(from) };
  return namesIn(state.writtenAt(file.text) ?? state.readPath(file, at));
}

/** What `find` looks for: the folders that it goes through, with the names that it asks for. */
export function foundBy(args: readonly ShellValue[]): ShellValue[] {
  const end = args.findIndex(({ text }) => /^[-(!]/.test(text));
  const folders = end < 0 ? args : args.slice(0, end);
  const names = args
    .filter((_, index) => /^-i?(?:name|path)$/.test(args[index - 1]?.text ?? ''))
    .map(({ text }) => text);
  return folders.flatMap((folder) => {
    const base = folder.text.replace(/\/$/, '');
    const inside = names.map((name) => constant(`${base}/${exampleOf(name).replace(/^\/+/, '')}`));
    return [{ ...folder, text: `${base}/` }, ...inside];
  });
}

/** What `git ls-files` lists: the names that it is asked for. */
export function listedByGit(args: readonly ShellValue[]): ShellValue[] {
  const names = args.slice(1).filter(({ text }) => !text.startsWith('-') && text !== '');
  return names.map((name) => ({ ...name, text: exampleOf(name.text.replace(/^:\([^)]*\)|^:\//, '')) }));
}

/** A name that a pattern stands for. */
function exampleOf(pattern: string): string {
  return pattern.replace(/(?<=[a-z])\*$/i, '').replaceAll('*', 'x');
}
