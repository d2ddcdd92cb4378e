import { posix } from 'node:path';
import { resolveFile } from '../entry-points/index.js';
import { textOf } from '../package-files.js';
import { type CodeLanguage, emptyResult, type FrontEndResult, HOLE, type ScanContext, type TextTask } from '../task.js';
import { interpretCmake } from './cmake.js';
import { MakeExpansion, needsShell, quoted, runsShell, shellText } from './make-expansion.js';
import { isSpecial, type MakeRule, rulesFor } from './make-goals.js';
import { type MakeStatement, makeStatements } from './make-statements.js';
import { PlacedText } from './placed-text.js';

const MAX_FILES = 40;
const MAX_DEPTH = 10;
const MAX_EVALUATED = 200;

/** Reads a Makefile or CMakeLists.txt: recipe lines, `$(shell …)` and `execute_process` become shell texts. */
export function interpretMake(task: TextTask, context: ScanContext): FrontEndResult {
  return /(?:CMakeLists\.txt|\.cmake)$/.test(task.file)
    ? interpretCmake(task, context)
    : new Makefile(task, context).read();
}

interface RuleOfMake extends MakeRule {
  commands: { text: string; file: string; line: number }[];
}

/** One run of make over a file and what it includes: variables first, then recipes in the order of what needs what. */
class Makefile {
  readonly #task: TextTask;
  readonly #context: ScanContext;
  readonly #out = new PlacedText();
  readonly #rules: RuleOfMake[] = [];
  readonly #included = new Set<string>();
  readonly #foreign: { path: string; file: string; line: number }[] = [];
  readonly #expansion: MakeExpansion;
  #evaluated = 0;
  #place = { file: '', line: 0 };

  constructor(task: TextTask, context: ScanContext) {
    this.#task = task;
    this.#context = context;
    this.#place = { file: task.file, line: task.line };
    this.#expansion = new MakeExpansion({
      filesLike: (pattern) => this.#filesLike(pattern),
      aside: (command) => this.#emit(command),
      evaluate: (text) => {
        this.#evaluated += 1;
        if (isShellOutput(text)) this.#emit(`eval "${quoted(text)}"`);
        else if (this.#evaluated < MAX_EVALUATED)
          this.#take(makeStatements(text), this.#place.file, 1, this.#place.line);
      },
    });
  }

  read(): FrontEndResult {
    const result = emptyResult();
    this.#included.add(this.#task.file);
    this.#expansion.assign('MAKEFILE_LIST', ':=', posix.relative(this.#task.cwd, this.#task.file));
    for (const [name, value] of this.#task.make?.variables ?? []) this.#expansion.give(name, value);
    this.#take(makeStatements(this.#task.text), this.#task.file, 0);
    const language = this.#language();
    const variables = this.#out.text;
    const script = language === 'shell' ? this.#out : new PlacedText();
    for (const { commands, ...recipe } of inOrder(this.#reached()))
      for (const command of commands) {
        this.#place = command;
        const text = this.#expansion.expand(command.text, recipe).replace(/^[@+\s-]+/, '');
        if (text.trim() !== '') script.add(shellText(text), command.file, command.line);
      }
    for (const line of this.#expansion.unused()) this.#emit(line);
    for (const { path, file, line } of this.#foreign)
      if (needsShell(path) || this.#rules.some(({ targets }) => targets.includes(path)))
        script.add(shellText(`. "${quoted(path)}"`), file, line);
    for (const placed of new Set([script, ...(variables === '' ? [] : [this.#out])])) {
      if (placed.text === '') continue;
      const { make: _, ...task } = this.#task;
      result.next.push({
        ...task,
        language: placed === script ? language : 'shell',
        text: placed.text,
        line: placed.places[0]?.line ?? 1,
        places: placed.places,
        taints: [],
        depth: this.#task.depth + 1,
      });
    }
    return result;
  }

  /** The rules that run; all, where nobody knows what make was asked for. */
  #reached(): RuleOfMake[] {
    const { make } = this.#task;
    if (make === undefined) return this.#rules;
    const folder = this.#task.cwd === '' ? '.' : this.#task.cwd;
    const makefiles = [...this.#included].map((path) => posix.relative(folder, path));
    const foreign = this.#foreign.map(({ path }) => path);
    const chosen = this.#expansion.expand(this.#expansion.value('.DEFAULT_GOAL') ?? '');
    return rulesFor(this.#rules, make.goals, [...makefiles, ...foreign], chosen);
  }

  /** What SHELL makes of the recipes; a shell that the package brings runs at every line. */
  #language(): CodeLanguage {
    const shell = this.#expansion.expand(this.#expansion.value('SHELL') ?? '');
    const own = resolveFile(this.#context, this.#task.cwd, shell.trim().split(/\s+/)[0] ?? '');
    if (shell !== '' && own !== null) this.#emit(`sh ${own}`);
    const name = /(?:^|[\s/])(python|node|perl|ruby|php)[\d.]*(?:\s|$)/.exec(shell)?.[1];
    return name === undefined ? 'shell' : name === 'node' ? 'javascript' : (name as CodeLanguage);
  }

  #take(statements: readonly MakeStatement[], file: string, depth: number, line?: number): void {
    for (const statement of statements) {
      this.#place = { file, line: line ?? statement.line };
      switch (statement.kind) {
        case 'assignment':
          this.#assign(statement);
          break;
        case 'inclusion':
          this.#include(this.#expansion.expand(statement.names), depth);
          break;
        case 'rule': {
          const [targets, needs] = [statement.targets, statement.needs].map((text) =>
            this.#expansion
              .expand(text)
              .split(/[\s|]+/)
              .filter((word) => word !== ''),
          ) as [string[], string[]];
          const commands = statement.command === '' ? [] : [{ ...this.#place, text: statement.command }];
          if (!isSpecial(targets)) this.#rules.push({ targets, needs, commands });
          break;
        }
        case 'recipe':
          this.#rules.at(-1)?.commands.push({ ...this.#place, text: statement.text });
          break;
        default: {
          const expanded = this.#expansion.expand(statement.text).trim();
          // What a shell prints where a statement stands is read as makefile; as a command it is worth a look, too.
          if (isShellOutput(expanded)) this.#emit(`eval "${quoted(expanded)}"`);
          else if (runsShell(expanded)) this.#emit(`: "${quoted(expanded)}"`);
        }
      }
    }
  }

  #assign({ name, operator, value, exported }: Extract<MakeStatement, { kind: 'assignment' }>): void {
    const expanded = name.includes('$') ? this.#expansion.expand(name) : name;
    const command = this.#expansion.assign(expanded, operator, value);
    if (exported && /^[A-Za-z_]\w*$/.test(expanded))
      this.#emit(`export ${command ?? `${expanded}="${quoted(this.#expansion.expand(value))}"`}`);
    else if (command !== null) this.#emit(command);
  }

  #include(names: string, depth: number): void {
    const list = runsShell(names) ? [names] : names.split(/\s+/).filter((name) => name !== '');
    for (const name of list) {
      const { file, line } = this.#place;
      const folders = [this.#task.cwd, posix.dirname(file) === '.' ? '' : posix.dirname(file), this.#context.root];
      const paths = /[*?[]/.test(name)
        ? this.#filesLike(name)
        : folders.flatMap((folder) => resolveFile(this.#context, folder, name) ?? []).slice(0, 1);
      for (const path of paths) {
        if (depth > MAX_DEPTH || this.#included.has(path) || this.#included.size > MAX_FILES) continue;
        this.#included.add(path);
        const bytes = this.#context.files.files.get(path) ?? new Uint8Array();
        this.#take(makeStatements(textOf(bytes)), path, depth + 1);
      }
      if (paths.length === 0) this.#foreign.push({ path: name, file, line });
    }
  }

  #emit(text: string): void {
    this.#out.add(shellText(text), this.#place.file, this.#place.line);
  }

  #filesLike(pattern: string): string[] {
    if (!/[*?]/.test(pattern) || pattern.includes('$') || pattern.includes(HOLE)) return [];
    const own = posix.normalize(posix.join(this.#task.cwd === '' ? '.' : this.#task.cwd, pattern.trim()));
    const like = new RegExp(
      `^${own
        .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    return [...this.#context.files.files.keys()].filter((path) => like.test(path)).slice(0, MAX_FILES);
  }
}

function isShellOutput(text: string): boolean {
  return runsShell(text) && /^\s*[^\w\s.]\([\s\S]*\)\s*$/.test(text);
}

/** Recipes in the order in which make runs them: what a target needs comes first. */
function inOrder(recipes: readonly RuleOfMake[]): RuleOfMake[] {
  const done = new Set<RuleOfMake>();
  const visit = (recipe: RuleOfMake, depth: number): void => {
    if (done.has(recipe) || depth > 50) return;
    for (const need of recipe.needs)
      for (const other of recipes)
        if (other !== recipe && other.targets.includes(need) && !done.has(other)) visit(other, depth + 1);
    done.add(recipe);
  };
  for (const recipe of recipes) visit(recipe, 0);
  return [...done];
}
