import type { Command, CompoundList } from 'unbash';
import { HOLE } from '../task.js';
import type { ShellValue } from './value.js';

const MOST_LINES = 24;

/** What the names of `while read -r host key; do …` are in each round, where lines of what is read are known; null elsewhere. */
export function readRounds(clause: CompoundList, stdin: ShellValue): Map<string, ShellValue>[] | null {
  const read = clause.commands.at(-1)?.command;
  if (read?.type !== 'Command' || read.name?.text !== 'read' || stdin.text.trim() === HOLE) return null;
  const lines = stdin.text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > MOST_LINES) return null;
  const names = read.args.map((word) => word.text).filter((text) => /^[A-Za-z_]\w*$/.test(text));
  const between = separatorOf(read);
  return lines.map((line) => new Map(fieldsOf(line, names, between).map(([name, text]) => [name, { ...stdin, text }])));
}

function separatorOf({ prefix }: Command): RegExp {
  const set = prefix.find((part) => part.type === 'Assignment' && part.name === 'IFS');
  const text = set?.type === 'Assignment' && set.value.type === 'Word' ? set.value.value : '';
  const signs = text.replace(/^\$?'|'$/g, '').replace('\\t', '\t');
  return signs === '' || /^\s+$/.test(signs) ? /\s+/ : new RegExp(`[${signs.replace(/[\\\]^-]/g, '\\$&')}]`);
}

/** The last name gets what is left of the line. */
function fieldsOf(line: string, names: readonly string[], between: RegExp): [string, string][] {
  let rest = line.trim();
  return names.map((name, index) => {
    const cut = index === names.length - 1 ? null : between.exec(rest);
    const field = cut === null ? rest : rest.slice(0, cut.index);
    rest = cut === null ? '' : rest.slice(cut.index + cut[0].length);
    return [name, field];
  });
}
