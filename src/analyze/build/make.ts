import { resolveFile } from '../entry-points/index.js';
import { emptyResult, type FrontEndResult, type ScanContext, type TextTask } from '../task.js';
import { interpretCmake } from './cmake.js';

/** Reads a Makefile or CMakeLists.txt: recipe lines, `$(shell …)` and `execute_process` become shell texts. */
export function interpretMake(task: TextTask, context: ScanContext): FrontEndResult {
  return /(?:CMakeLists\.txt|\.cmake)$/.test(task.file)
    ? interpretCmake(task, context)
    : interpretMakefile(task, context);
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
    const rule = /^([^\s:=#][^:=#]*):(?!=)([^=;]*)(?:;\s*(.*))?$/.exec(text);
    const inclusion = /^[-s]?include\s+(\S+)/.exec(text)?.[1];
    const evaluated =
      /^\$\((?:eval|info|warning|shell|if)\b[\s\S]*\$?\(shell\s/.test(text) || /^\$\(shell\s/.test(text);
    const assigned = /^(?:export\s+)?([A-Za-z_]\w*)\s*!=\s*(.*)$/.exec(text);
    if (text.startsWith('\t')) {
      first ||= line;
      recipes.at(-1)?.commands.push(toShell(text.slice(1).replace(/^[@+-]+\s*/, '')));
    } else if (assigned !== null) {
      variables.push(`${assigned[1]}=$(${toShell(assigned[2] ?? '')})`);
    } else if (evaluated) {
      for (const [, command = ''] of text.matchAll(/\$\(shell\s+((?:[^()]|\([^()]*\))*)\)/g))
        variables.push(`eval "$(${toShell(command)})"`);
    } else if (variable !== null && /^\$\(shell\s[\s\S]*\)\s*$/.test(variable[2] ?? '')) {
      variables.push(`${variable[1]}=${toShell((variable[2] ?? '').trim())}`);
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
      else if (/\$\(/.test(inclusion)) variables.push(`. "${toShell(inclusion)}"`);
    } else if (rule !== null) {
      const [targets, needs] = [words(rule[1]), words(rule[2])];
      if (!targets.some((target) => target.startsWith('.')))
        recipes.push({ targets, needs, commands: rule[3] === undefined || rule[3] === '' ? [] : [toShell(rule[3])] });
    }
  }
  const python = /^\s*SHELL\s*:?=\s*\S*python[\d.]*\s*$/m.test(task.text);
  const body = [...(python ? [] : variables), ...inOrder(recipes).flatMap((recipe) => recipe.commands)].join('\n');
  if (body !== '')
    result.next.push({
      ...task,
      language: python ? 'python' : 'shell',
      text: body,
      line: first || 1,
      taints: [],
      depth: task.depth + 1,
    });
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
