/** One command of a CMake text. */
export interface CmakeCommand {
  name: string;
  body: string;
  words: string[];
  line: number;
}

const COMMAND =
  /\b([A-Za-z_]\w*)\s*\(((?:"(?:\\.|[^"\\])*"|\[(=*)\[[\s\S]*?\]\3\]|[^()"]|\((?:"(?:\\.|[^"\\])*"|[^()"])*\))*)\)/g;
const WORD = /"((?:\\.|[^"\\])*)"|\[(=*)\[([\s\S]*?)\]\2\]|([^\s"]+)/g;

/** Takes a CMake text apart. */
export function cmakeCommands(source: string): CmakeCommand[] {
  const text = source
    .replace(/#\[(=*)\[[\s\S]*?\]\1\]|#[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/\$ENV\{(\w+)\}/g, '$${$1}');
  const found: CmakeCommand[] = [];
  let line = 1;
  let counted = 0;
  for (const match of text.matchAll(COMMAND)) {
    line += text.slice(counted, match.index).split('\n').length - 1;
    counted = match.index;
    const body = (match[2] ?? '').trim();
    const words = [...body.matchAll(WORD)].map((word) => word[1] ?? word[3] ?? word[4] ?? '');
    found.push({ name: (match[1] ?? '').toLowerCase(), body, words, line });
  }
  return found;
}
