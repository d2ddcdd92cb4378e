import { resolveFile } from '../entry-points/index.js';
import { emptyResult, type FrontEndResult, type ScanContext, type TextTask } from '../task.js';

/** Reads a Makefile or CMakeLists.txt: recipe lines, `$(shell …)` and `execute_process` become shell texts. */
export function interpretMake(task: TextTask, context: ScanContext): FrontEndResult {
  return /(?:CMakeLists\.txt|\.cmake)$/.test(task.file) ? interpretCmake(task) : interpretMakefile(task, context);
}

function interpretMakefile(task: TextTask, context: ScanContext): FrontEndResult {
  const result = emptyResult();
  const lines = task.text
    .replace(/\\\r?\n[ \t]*/g, (join) => ` ${'\u0001'.repeat(join.split('\n').length - 1)}`)
    .split(/\r?\n/);
  const variables: string[] = [];
  const recipes: Recipe[] = [{ targets: [], needs: [], commands: [] }];
  let line = 0;
  let first = 0;
  for (const raw of lines) {
    line += 1 + (raw.match(/\u0001/g)?.length ?? 0);
    const text = raw.replaceAll('\u0001', '');
    const variable = /^(?:export\s+)?([A-Za-z_]\w*)\s*(?::{0,2}|\?|\+)=\s*(.*)$/.exec(text);
    const rule = /^([^\s:=#][^:=#]*):(?!=)([^=;]*)$/.exec(text);
    const inclusion = /^-?include\s+(\S+)/.exec(text)?.[1];
    if (text.startsWith('\t')) {
      first ||= line;
      recipes.at(-1)?.commands.push(toShell(text.slice(1).replace(/^[@+-]+\s*/, '')));
    } else if (variable !== null) {
      variables.push(
        `${variable[1]}="${toShell(variable[2] ?? '')
          .replace(/(?<!\\)"/g, '\\"')
          .replace(/`/g, '\\`')}"`,
      );
    } else if (inclusion !== undefined) {
      const path = resolveFile(context, task.cwd, inclusion);
      if (path !== null)
        result.next.push({ kind: 'file', path, entry: { ...task.entry, file: path }, language: 'make' });
    } else if (rule !== null) {
      const [targets, needs] = [words(rule[1]), words(rule[2])];
      if (!targets.some((target) => target.startsWith('.'))) recipes.push({ targets, needs, commands: [] });
    }
  }
  const body = [...variables, ...inOrder(recipes).flatMap((recipe) => recipe.commands)].join('\n');
  if (body !== '')
    result.next.push({ ...task, language: 'shell', text: body, line: first || 1, taints: [], depth: task.depth + 1 });
  return result;
}

interface Recipe {
  targets: string[];
  needs: string[];
  commands: string[];
}

function words(text = ''): string[] {
  return text.split(/[\s|]+/).filter((word) => word !== '');
}

/** Recipes in the order in which make runs them: what a target needs comes first. */
function inOrder(recipes: readonly Recipe[]): Recipe[] {
  const done = new Set<Recipe>();
  const visit = (recipe: Recipe, depth: number): void => {
    if (done.has(recipe) || depth > 50) return;
    for (const need of recipe.needs)
      for (const other of recipes)
        if (other !== recipe && other.targets.includes(need) && !done.has(other)) visit(other, depth + 1);
    done.add(recipe);
  };
  for (const recipe of recipes) visit(recipe, 0);
  return [...done];
}

/** `$(X)` of make is `${X}` of the shell, `$(shell cmd)` is `$(cmd)`, `$$` is `$`. */
function toShell(text: string): string {
  return text.replace(/\$\$|\$\(shell\s|\$\(([A-Za-z_]\w*)\)|\$[@<^?*%]/g, (match, name?: string) => {
    if (match === '$$') return '$';
    if (match.startsWith('$(shell')) return '$(';
    return name === undefined ? '\uFFFC' : `\${${name}}`;
  });
}

function interpretCmake(task: TextTask): FrontEndResult {
  const result = emptyResult();
  const text = task.text.replace(/#[^\n]*/g, '');
  for (const match of text.matchAll(
    /\b(?:execute_process|add_custom_command|add_custom_target|exec_program)\s*\(([^)]*)\)/gi,
  )) {
    const line = task.line + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
    for (const command of (match[1] ?? '').split(/\bCOMMAND\b/).slice(1)) {
      const shell =
        command.split(
          /\b(?:OUTPUT_VARIABLE|RESULT_VARIABLE|ERROR_VARIABLE|WORKING_DIRECTORY|DEPENDS|COMMENT|VERBATIM|OUTPUT_QUIET|ERROR_QUIET|OUTPUT_STRIP\w*)\b/,
        )[0] ?? '';
      result.next.push({
        ...task,
        language: 'shell',
        text: shell.replace(/\$\{(\w+)\}/g, '\uFFFC').trim(),
        line,
        taints: [],
        depth: task.depth + 1,
      });
    }
  }
  for (const match of text.matchAll(/\bfile\s*\(\s*DOWNLOAD\s+"?([^\s"]+)"?\s+"?([^\s")]+)/gi)) {
    const line = task.line + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
    result.next.push({
      ...task,
      language: 'shell',
      text: `curl -o '${match[2]}' '${match[1]}'`,
      line,
      taints: [],
      depth: task.depth + 1,
    });
  }
  return result;
}
