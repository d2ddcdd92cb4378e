import type { SliceStep } from '../../model.js';
import type { Taint } from '../observation.js';
import { sourceOf, sourceOfPath, sourceOfVariable } from '../source-tables.js';
import type { ScanContext } from '../task.js';
import type { SourcePattern } from './scan.js';

const MOST = 24;
const LITERAL = /(["'])((?:\\.|(?!\1)[^\\\n]){2,300})\1/g;
/** How any of these languages asks for variables of the environment. */
const ENVIRONMENT =
  /\benviron\b|\b[gG]et_?[eE]nv|\bENV\b|\$_(?:ENV|SERVER)\b|\benv::var|ENVIRON\b|GetEnvironmentVariable|LookupEnv|\$env:|%ENV\b|process\.env/;
const VARIABLE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** Where a text lies, for the steps of what is found in it. */
export interface TextPlace {
  file: string;
  lineOf: (at: number) => number;
}

/** Everything in a text that gives secrets, identity or foreign code: by the calls of its language, and by paths, addresses and names in its literals. */
export function findSources(
  text: string,
  sources: readonly SourcePattern[],
  { file, lineOf }: TextPlace,
  context: ScanContext,
): Taint[] {
  const found: Taint[] = [];
  const add = (source: string, detail: string, at: number): void => {
    if (found.some((taint) => taint.source === source && taint.detail === detail) || found.length > MOST) return;
    const line = lineOf(at);
    const step: SliceStep = {
      role: 'source',
      file,
      line,
      column: 0,
      note: `${source}: ${detail.slice(0, 120)}`,
    };
    found.push({ source, detail, file, line, through: [], steps: [step] });
  };
  for (const { source, pattern } of sources) {
    const match = pattern.exec(text);
    if (match !== null) add(source, match[0].slice(0, 80), match.index);
  }
  const readsEnvironment = ENVIRONMENT.test(text);
  for (const match of text.matchAll(LITERAL)) {
    const literal = (match[2] ?? '').replaceAll('\\\\', '/');
    const byPath =
      sourceOfPath(context.tables, literal) ??
      (/^[\w~$%{}./\\: -]+$/.test(literal) ? sourceOfPath(context.tables, `~/${literal}`) : null);
    const source =
      byPath ??
      sourceOf(context.tables.urls, literal) ??
      (readsEnvironment && VARIABLE.test(literal) ? secretVariable(literal, context) : null);
    if (source !== null && !/^identity\.file/.test(source)) add(source, literal, match.index);
  }
  return found;
}

/** Lists of names are asked for one by one; only those of secrets say something. */
function secretVariable(name: string, context: ScanContext): string | null {
  const source = sourceOfVariable(context.tables, name);
  return source === 'secret.env' ? source : null;
}
