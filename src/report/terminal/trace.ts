import type { ScriptRun, TraceEntry } from '../../model.js';
import { visible } from '../visible.js';
import { count, cut, type Look, paintFor } from './paint.js';

/** Parts of the system that every program reads: counted, not listed. */
const SYSTEM = /^\/(?:usr|bin|sbin|lib\w*|etc|proc|dev|sys|run|nix|opt)(?:\/|$)/;
/** Most lines of one kind. */
const SHOWN = 30;

const WORDS: Readonly<Record<TraceEntry['what'], string>> = {
  run: 'ran',
  connect: 'connected',
  refused: 'refused',
  make: 'made',
  write: 'wrote',
  read: 'read',
  look: 'looked',
};

/** What a traced script did, in lines: programs, addresses, refused calls, and files outside of system and own package. */
export function traceLines(run: ScriptRun, look: Look): string[] {
  if (run.trace === undefined) return [];
  const paint = paintFor(look);
  const { entries, unseen } = run.trace;
  const own = ({ target }: TraceEntry) => `${target}/`.includes(`/${run.location}/`);
  const silent = (entry: TraceEntry) =>
    !['run', 'connect', 'refused'].includes(entry.what) && (SYSTEM.test(entry.target) || own(entry));
  const of = (what: TraceEntry['what']) => entries.filter((entry) => entry.what === what && !silent(entry));
  const counted = entries.filter(silent);
  const files = counted.filter(({ error }) => error === null);
  const head = `${paint.bold('trace')} ${paint.bold(visible(run.package))} ${visible(run.event)}: ${count(of('run').length, 'program')}, ${count(files.length, 'path')} of the system and its own package`;
  const lines = (Object.keys(WORDS) as TraceEntry['what'][]).flatMap((what) => {
    const all = of(what).filter((entry) => what !== 'look' || entry.error !== null);
    const shown = all.slice(0, SHOWN).map(({ target, error, times }) => {
      const text = `${WORDS[what].padEnd(9)} ${visible(target)}${times > 1 ? ` (${times}×)` : ''}`;
      return `  ${error === null ? text : `${paint.yellow(error)} ${text}`}`;
    });
    return all.length > SHOWN ? [...shown, `  ${WORDS[what].padEnd(9)} ${all.length - SHOWN} more, in --json`] : shown;
  });
  const rest = unseen === null ? [] : [`  ${paint.yellow('not seen')}  ${visible(unseen)}`];
  return [head, ...lines.map((line) => (look.color ? line : cut(line, Math.max(look.columns, 40)))), ...rest];
}
