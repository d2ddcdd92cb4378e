const IMPORT = /^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import\b[ \t]*\(?([\w, \t]*)|import[ \t]+([\w., \t]+))/gm;

/**
 * Files of the package that a Python file imports: modules and packages beside it, and relative ones.
 *
 * @param folder the importing file's folder, '' for the root
 * @param has whether the package holds a path
 */
export function pythonImports(text: string, folder: string, has: (path: string) => boolean): string[] {
  const out = new Set<string>();
  for (const [, from, names, plain] of text.matchAll(IMPORT)) {
    const modules =
      from === undefined
        ? (plain ?? '').split(',').map((each) => each.trim().split(/\s/)[0] as string)
        : [from, ...(names ?? '').split(',').map((each) => `${from}.${each.trim().split(/\s/)[0]}`)];
    for (const module of modules) {
      const path = [folder, module.replace(/^\.+/, '').replaceAll('.', '/')].filter((part) => part !== '').join('/');
      for (const each of [`${path}.py`, `${path}/__init__.py`]) if (has(each)) out.add(each);
    }
  }
  return [...out];
}
