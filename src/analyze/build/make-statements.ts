/** One thing that a makefile says, with its place. */
export type MakeStatement = { line: number } & (
  | { kind: 'assignment'; name: string; operator: string; value: string; exported: boolean }
  | { kind: 'rule'; targets: string; needs: string; command: string }
  | { kind: 'recipe'; text: string }
  | { kind: 'inclusion'; names: string }
  /** A text that make expands for its effects: a condition, a call that stands alone. */
  | { kind: 'expression'; text: string }
);

const ASSIGNMENT =
  /^((?:override\s+|private\s+|export\s+)*)((?:[^\s:=#?+!$]|\$\([^()]*\))+)\s*(:{0,3}=|\?=|\+=|!=)[ \t]*([\s\S]*)$/;
const RULE = /^([^\s:=#][^:=#]*?)\s*:{1,2}(?![:=])([^;]*?)(?:;\s*([\s\S]*))?$/;

/** Takes a makefile apart, line by line, without expanding anything of it. */
export function makeStatements(source: string): MakeStatement[] {
  const found: MakeStatement[] = [];
  const lines = source.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let text = lines[index] ?? '';
    while (text.endsWith('\\') && index + 1 < lines.length) {
      index += 1;
      text = `${text.slice(0, -1)} ${(lines[index] ?? '').replace(/^[ \t]*/, '')}`;
    }
    if (text.startsWith('\t') && found.some(({ kind }) => kind === 'rule')) {
      found.push({ kind: 'recipe', text: text.slice(1).replace(/^[@+\s-]+/, ''), line });
      continue;
    }
    const plain = text.trim().replace(/^([^$]*?)(?:^|\s)#.*$/, '$1');
    const defined = /^(?:override\s+|export\s+)*define\s+([^\s=:?+]+)\s*(:{0,3}=|\?=|\+=)?\s*$/.exec(plain);
    if (defined !== null) {
      const body: string[] = [];
      for (index += 1; index < lines.length && !/^\s*endef\b/.test(lines[index] ?? ''); index += 1)
        body.push(lines[index] ?? '');
      const value = body.join('\n').replace(/\\\n[ \t]*/g, ' ');
      found.push({
        kind: 'assignment',
        name: defined[1] ?? '',
        operator: defined[2] ?? '=',
        value,
        exported: false,
        line,
      });
    } else if (plain !== '') found.push({ ...statement(plain), line });
  }
  return found;
}

function statement(text: string): Omit<MakeStatement, 'line'> & MakeStatementBody {
  const inclusion = /^[-s]?include\s+(.+)$/.exec(text)?.[1];
  if (inclusion !== undefined) return { kind: 'inclusion', names: inclusion };
  if (/^(?:else\s+)?ifn?(?:eq|def)\b/.test(text))
    return { kind: 'expression', text: text.replace(/^(?:else\s+)?\w+/, '') };
  const loaded = /^-?load\s+(\S+)/.exec(text)?.[1];
  if (loaded !== undefined) return { kind: 'expression', text: `$(shell ${loaded})` };
  const assignment = ASSIGNMENT.exec(text);
  if (assignment !== null) return assigned(assignment);
  const rule = RULE.exec(text);
  if (rule !== null && !/^\$\((?:eval|call|info|warning|error|shell|foreach|if|file)\b/.test(text)) {
    const [, targets = '', needs = '', command = ''] = rule;
    const own = ASSIGNMENT.exec(text.slice(text.indexOf(':') + 1).trim());
    return own !== null && !targets.includes('(') ? assigned(own) : { kind: 'rule', targets, needs, command };
  }
  return { kind: 'expression', text };
}

function assigned([, words = '', name = '', operator = '', value = '']: readonly string[]): MakeStatementBody {
  return { kind: 'assignment', name, operator, value, exported: words.includes('export') };
}

type Without<T> = T extends { line: number } ? Omit<T, 'line'> : never;
type MakeStatementBody = Without<MakeStatement>;
