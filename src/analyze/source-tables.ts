/** One row of a source table: a source id and the patterns that stand for it. */
export interface SourceRow {
  source: string;
  kind: string | null;
  patterns: readonly RegExp[];
}

/** The tables of rules/taint/sources.yaml that front ends of all languages share; `TaintModels` of the JavaScript front end has them. */
export interface SourceTables {
  /** By path, with `~`, `$PROJECT` and `$TMP` for home, the user's project and the temporary folder. */
  files: readonly SourceRow[];
  /** By name of the environment variable, upper-cased. */
  env: readonly SourceRow[];
  /** By command line. */
  commands: readonly SourceRow[];
  /** By URL. */
  urls: readonly SourceRow[];
}

/** Id of the first row whose pattern fits, or null. */
export function sourceOf(rows: readonly SourceRow[], text: string): string | null {
  const cut = text.length > 4096 ? text.slice(0, 4096) : text;
  return rows.find((row) => row.patterns.some((pattern) => pattern.test(cut)))?.source ?? null;
}

/** What a path holds that is worth a taint, if anything. */
export function sourceOfPath(tables: SourceTables, path: string): string | null {
  return sourceOf(
    tables.files,
    path
      .replaceAll('\\', '/')
      .replace(/^["']|["']$/g, '')
      .replace(/^(?:\/root|\/home\/[^/]+|\/Users\/[^/]+)(?=\/)/, '~'),
  );
}

/** Source id of one environment variable; `env.named` where nothing is known of its name. */
export function sourceOfVariable(tables: SourceTables, name: string): string {
  return sourceOf(tables.env, name.toUpperCase()) ?? 'env.named';
}
