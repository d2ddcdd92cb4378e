import type { SliceStep } from '../../model.js';
import type { Taint } from '../observation.js';
import { sourceOf, sourceOfPath, sourceOfVariable } from '../source-tables.js';
import type { ScanContext } from '../task.js';
import type { SourcePattern } from './scan.js';
import { spellingsOf } from './spellings.js';

const MOST = 24;
const MOST_SPELLED = 2_000;
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
  // Where literals are spelled otherwise, only what they read as says what they name.
  const readings = spellingsOf(text);
  if (readings.length > 0)
    for (const match of [...text.matchAll(LITERAL)].slice(0, MOST_SPELLED))
      for (const read of readings) {
        const plain = read(match[2] ?? '');
        const source = /^[\w~$%{}./\\: -]{4,}$/.test(plain)
          ? (secretPath(plain, context) ??
            (readsEnvironment && VARIABLE.test(plain) ? secretVariable(plain, context) : null))
          : null;
        if (source !== null) add(source, plain, match.index);
      }
  for (const match of text.matchAll(JOINED)) {
    const plain = [...match[0].matchAll(LITERAL)].map(([, , part = '']) => part.replace(/^\/|\/$/g, '')).join('/');
    const source = secretPath(plain, context);
    if (source !== null) add(source, plain, match.index);
  }
  return found;
}

/** Parts of a path that are put together: `join(home, ".ssh", "id_rsa")`, `home / ".ssh" / "id_rsa"`. */
const JOINED =
  /(?<=join\([^\n]{0,80},\s{0,8}|\/\s{0,8})(["'])\.?[\w-]{2,30}\/?\1(?:\s*[,/]\s*(["'])[\w.-]{2,40}\2){1,4}/g;

function secretPath(plain: string, context: ScanContext): string | null {
  const source = sourceOfPath(context.tables, plain) ?? sourceOfPath(context.tables, `~/${plain}`);
  return source?.startsWith('secret.') === true ? source : null;
}

/** Lists of names are asked for one by one; only those of secrets say something. */
function secretVariable(name: string, context: ScanContext): string | null {
  const source = sourceOfVariable(context.tables, name);
  return source === 'secret.env' ? source : null;
}
