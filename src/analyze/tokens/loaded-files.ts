import { posix } from 'node:path';
import type { CodeLanguage } from '../task.js';
import { pythonImports } from './python-imports.js';

/** How a language names what it loads without saying where that lies: modules, requires without extension. */
const NAMED: Readonly<Partial<Record<CodeLanguage, { pattern: RegExp; path: (name: string) => string }>>> = {
  perl: {
    pattern: /^[ \t]*(?:use|require)[ \t]+([A-Z]\w*(?:::\w+)*)/gm,
    path: (name) => `${name.replaceAll('::', '/')}.pm`,
  },
  ruby: {
    pattern: /\b(?:require|require_relative|load|autoload[ \t]+:\w+,)[ \t(]*["']([\w./-]+)["']/g,
    path: (name) => (name.endsWith('.rb') ? name : `${name}.rb`),
  },
  foreign: {
    pattern: /\brequire[ \t(]*["']([\w.]+)["']/g,
    path: (name) => `${name.replaceAll('.', '/')}.lua`,
  },
};
const ENDINGS: Readonly<Partial<Record<CodeLanguage, RegExp>>> = {
  python: /\.pyw?$/,
  perl: /\.p[lm]$/,
  ruby: /\.rb$/,
  php: /\.(?:php|inc|phtml)$/,
  foreign: /\.(?:lua|tcl|awk|applescript|jl|r)$/i,
  powershell: /\.psm?1$/,
};
/** A search path that the program sets itself: what it names may lie anywhere in the package. */
const SEARCH_PATH =
  /sys\.path\b|addsitedir|PYTHONPATH|use[ \t]+lib\b|@INC\b|\$LOAD_PATH|\$:|package\.path|set_include_path/;

/**
 * Files of the package in the same language that a text loads: by module name, by a path in a literal, beside it or below a
 * search path that it sets.
 *
 * @param folder the loading file's folder, '' for the root
 */
export function loadedFiles(
  text: string,
  language: CodeLanguage,
  folder: string,
  files: ReadonlySet<string>,
): string[] {
  const ending = ENDINGS[language];
  if (ending === undefined) return [];
  const found = new Set<string>(language === 'python' ? pythonImports(text, folder, (path) => files.has(path)) : []);
  const anywhere = SEARCH_PATH.test(text);
  const add = (path: string): void => {
    const plain = posix.normalize(posix.join(folder === '' ? '.' : folder, path.replace(/^\/+/, '')));
    if (files.has(plain)) found.add(plain);
    else
      for (const each of files)
        if ((anywhere || path.includes('/')) && each.endsWith(`/${path.replace(/^[./]+/, '')}`)) found.add(each);
  };
  const named = NAMED[language];
  if (named !== undefined) for (const [, name = ''] of text.matchAll(named.pattern)) add(named.path(name));
  if (language === 'python' && anywhere)
    for (const path of pythonImports(text, '', (each) => anywhereHas(files, each)))
      for (const each of files) if (each === path || each.endsWith(`/${path}`)) found.add(each);
  for (const [, literal = ''] of text.matchAll(/["']([\w./${}-]{3,120})["']/g))
    if (ending.test(literal)) add(literal.replace(/^.*[}]\/?/, ''));
  return [...found];
}

function anywhereHas(files: ReadonlySet<string>, path: string): boolean {
  for (const each of files) if (each === path || each.endsWith(`/${path}`)) return true;
  return false;
}
