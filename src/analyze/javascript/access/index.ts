import type { EntryPoint, Fact } from '../../observation.js';
import type { ModuleLoader } from '../modules/modules.js';
import { parseText } from '../parsing/parse.js';
import { type AccessWord, accessWords } from './access-words.js';
import { Constants } from './constants.js';
import { looksAfterAccess, mayHoldAccessWord } from './word-shapes.js';
import { textsElsewhere, wordFilesOf } from './words-elsewhere.js';

const LARGEST = 1_000_000;
const LARGEST_WITH_WORDS_ELSEWHERE = 60_000;
const MOST_PARSED = 3_000_000;
const NONE: ReadonlyMap<string, string> = new Map();
const CODE = /\.(?:[cm]?[jt]sx?)$|(?:^|\/)[^./]+$/;
const known = new WeakMap<ModuleLoader, { files: Map<string, AccessWord[]>; parsed: number }>();

/** Tells of words in these files that open what is otherwise looked at, where a caller or a request brings them. */
export function accessFacts(loader: ModuleLoader, paths: Iterable<string>, entry: EntryPoint): Fact[] {
  return [...paths].flatMap((path) =>
    wordsOf(loader, path).map(({ kind, line, column, detail }) => ({
      id: `access-word.${kind}`,
      detail,
      entry,
      file: path,
      line,
      steps: [{ role: 'sink' as const, file: path, line, column, note: detail }],
    })),
  );
}

function wordsOf(loader: ModuleLoader, path: string): AccessWord[] {
  const seen = known.get(loader) ?? { files: new Map<string, AccessWord[]>(), parsed: 0 };
  known.set(loader, seen);
  const before = seen.files.get(path);
  if (before !== undefined) return before;
  const text = CODE.test(path) && !path.includes('!') ? loader.text(path) : null;
  const words = text === null || text.length > LARGEST || seen.parsed > MOST_PARSED ? null : read(loader, path, text);
  if (words !== null) seen.parsed += text?.length ?? 0;
  seen.files.set(path, words ?? []);
  return words ?? [];
}

/** Null where the file need not be parsed. */
function read(loader: ModuleLoader, path: string, text: string): AccessWord[] | null {
  if (!looksAfterAccess(text)) return null;
  const files = text.length > LARGEST_WITH_WORDS_ELSEWHERE ? NONE : wordFilesOf(loader, path, text);
  if (files.size === 0 && !mayHoldAccessWord(text)) return null;
  try {
    const parsed = parseText(text, path);
    if (!('program' in parsed)) return [];
    const constants = new Constants(
      parsed.program,
      files.size === 0 ? undefined : textsElsewhere(parsed.program, files, loader),
    );
    return accessWords(parsed.program, text, constants);
  } catch (error) {
    // Code that is nested deeper than the stack is told of elsewhere.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
