/** What variables that npm sets for scripts begin with, followed by a path into package.json. */
export const PACKAGE_VARIABLE = 'npm_package_';

const MOST_VARIABLES = 60;
const DEEPEST = 6;

/** What npm hands on of package.json under a name: `config_seed` is the key `seed` of `config`. npm 6 and older hand on every field. */
export function manifestField(manifest: unknown, name: string): string | undefined {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  for (const [key, inner] of Object.entries(manifest)) {
    const shown = shownKey(key);
    if (shown === name && typeof inner === 'string') return inner;
    const deeper = name.startsWith(`${shown}_`) ? manifestField(inner, name.slice(shown.length + 1)) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** The variables that a script finds when it lists its environment for settings of its own: every text of `config`. */
export function configVariables(manifest: Record<string, unknown>): [string, string][] {
  const found: [string, string][] = [];
  const visit = (value: unknown, name: string, depth: number): void => {
    if (found.length >= MOST_VARIABLES || depth > DEEPEST) return;
    if (typeof value === 'string') found.push([name, value]);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, `${name}_${shownKey(key)}`, depth + 1);
  };
  visit(manifest['config'], `${PACKAGE_VARIABLE}config`, 0);
  return found;
}

function shownKey(key: string): string {
  return key.replace(/\W/g, '_');
}

const READS =
  /(?:\b(?:os\.)?(?:environ(?:\.get)?|getenv)|\bENV(?:\.fetch)?|\$ENV|\$_ENV|\$_SERVER)\s*[[({]\s*["']?npm_package_(\w+)["']?(?:\s*,[^)\]}\n]*)?\s*[\])}]|\$\{?env:npm_package_(\w+)\}?/gi;

/** A text of Python, Ruby, Perl, PHP or PowerShell with what such variables hold in their place. */
export function withPackageVariables(text: string, manifest: Record<string, unknown>): string {
  if (!/npm_package_/i.test(text)) return text;
  return text.replace(READS, (whole, ...names: (string | undefined)[]) => {
    const field = manifestField(manifest, names[0] ?? names[1] ?? '');
    return field === undefined ? whole : JSON.stringify(field);
  });
}
