import { posix } from 'node:path';
import { z } from 'zod';
import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { EntryPoint, Fact } from '../observation.js';
import { textOf } from '../package-files.js';
import type { ScanContext, Task } from '../task.js';

const started = z.looseObject({
  command: z.string().optional().catch(undefined),
  args: z.array(z.unknown()).optional().catch(undefined),
});
const vscodeTasks = z.object({
  tasks: z.array(
    started.extend({
      osx: started.optional().catch(undefined),
      linux: started.optional().catch(undefined),
      windows: started.optional().catch(undefined),
      runOptions: z.looseObject({ runOn: z.string().optional() }).optional(),
    }),
  ),
});
const hookCommands = z.looseObject({ command: z.string() });

/** Files that editors, coding agents, git or CI run by themselves where they lie at the root of a folder that is opened. */
export function plantedFiles(context: ScanContext): { tasks: Task[]; facts: Fact[] } {
  const tasks: Task[] = [];
  const facts: Fact[] = [];
  for (const [path, bytes] of context.files.files) {
    if (path.includes('node_modules/')) continue;
    const kind = plantedKind(path) ?? (holdsHooks(path, bytes) ? 'agent-hook' : null);
    if (kind === null) continue;
    const entry: EntryPoint = { phase: 'metadata', file: path, via: path };
    const read = COMMANDS_OF[kind];
    if (read !== undefined) {
      const commands = read(textOf(bytes)).map((command) => inTemplate(command, path));
      for (const command of commands) {
        facts.push(
          factAt(`planted.${kind}`, `runs by itself: ${command.slice(0, 160)}`, {
            file: path,
            line: lineOf(textOf(bytes), command),
            entry,
          }),
        );
        // Nested manifests are many, and few of them templates: what their scripts start is not read.
        if (kind === 'template-script') continue;
        tasks.push({
          kind: 'text',
          language: 'shell',
          text: command,
          entry,
          file: path,
          line: lineOf(textOf(bytes), command),
          taints: [],
          cwd: '',
          depth: 0,
        });
      }
      continue;
    }
    facts.push(
      factAt(
        `planted.${kind}`,
        kind === 'reward-file'
          ? `${path} registers the package for a token reward`
          : `${path} is read by a tool when its folder is opened`,
        { file: path, line: 1, entry },
      ),
    );
    if (kind === 'git-hook') tasks.push({ kind: 'file', path, entry, language: 'shell' });
  }
  return { tasks, facts };
}

/** Hooks of a coding assistant in a file of whatever name, for a program to put into its settings. */
function holdsHooks(path: string, bytes: Uint8Array): boolean {
  return path.endsWith('.json') && bytes.length < LARGEST_PRESET && HOOKS.test(textOf(bytes));
}

const LARGEST_PRESET = 40_000;
const HOOKS = /"(?:SessionStart|SessionEnd|PreToolUse|PostToolUse|UserPromptSubmit)"\s*:\s*\[/;

/** Paths of a command as they are in the package: what a project is made from has its editor's folder under another name. */
function inTemplate(command: string, path: string): string {
  const folder = posix.dirname(path);
  const root = posix.dirname(folder);
  return command
    .replaceAll(/\$\{workspace(?:Folder|Root)\}\/\.vscode\//g, `${folder}/`)
    .replaceAll(/\$\{workspace(?:Folder|Root)\}\//g, root === '.' ? '' : `${root}/`);
}

function plantedKind(
  path: string,
):
  | 'vscode-task'
  | 'template-task'
  | 'template-script'
  | 'agent-hook'
  | 'agent-instructions'
  | 'workflow'
  | 'git-hook'
  | 'npmrc'
  | 'reward-file'
  | null {
  if (/(?:^|\/)\.vscode\/tasks\.json$/.test(path)) return 'vscode-task';
  if (/(?:^|\/)tasks\.json(?:\.(?:tpl|tmpl|template|txt|ejs|hbs|in))?$/.test(path)) return 'template-task';
  if (/\/(?:[._]|dot[-_.]?|_dot_)?package\.json(?:\.(?:tpl|tmpl|template|txt|ejs|hbs|in))?$/.test(path))
    return 'template-script';
  // Templates of such files lie under other names until a script has copied them.
  if (
    /(?:^|\/)(?:\.|dot[-_.]?|_)(?:claude|gemini|cursor|codex)\/(?:settings(?:\.local)?|hooks)\.json(?:\.(?:tpl|tmpl|template|txt|ejs|hbs|in))?$/.test(
      path,
    )
  )
    return 'agent-hook';
  if (
    /(?:^|\/)(?:CLAUDE|AGENTS|GEMINI)\.md$|(?:^|\/)\.cursorrules$|(?:^|\/)\.cursor\/rules\/|(?:^|\/)\.github\/copilot-instructions\.md$/.test(
      path,
    )
  ) {
    return 'agent-instructions';
  }
  if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return 'workflow';
  if (/(?:^|\/)\.git\/hooks\/[^/.]+$/.test(path)) return 'git-hook';
  if (path === 'tea.yaml' || path === 'tea.yml') return 'reward-file';
  return path === '.npmrc' ? 'npmrc' : null;
}

/** How the commands stand in the files that hold some. */
const COMMANDS_OF: Partial<Record<NonNullable<ReturnType<typeof plantedKind>>, (text: string) => string[]>> = {
  'vscode-task': folderOpenCommands,
  'template-task': folderOpenCommands,
  'agent-hook': agentCommands,
  'template-script': lifecycleScripts,
};

const manifestScripts = z.object({ scripts: z.record(z.string(), z.unknown()) });
const LIFECYCLE = /^(?:(?:pre|post)?install|prepare|prepublish|dependencies)$/;

/** What npm runs by itself in a project that is made from the template. */
function lifecycleScripts(text: string): string[] {
  const parsed = manifestScripts.safeParse(readJson(text));
  if (!parsed.success) return [];
  return Object.entries(parsed.data.scripts).flatMap(([name, script]) =>
    LIFECYCLE.test(name) && typeof script === 'string' ? [script] : [],
  );
}

function folderOpenCommands(text: string): string[] {
  const parsed = vscodeTasks.safeParse(readJson(text));
  if (!parsed.success) return [];
  return parsed.data.tasks
    .filter((task) => task.runOptions?.runOn === 'folderOpen')
    .flatMap((task) => [task, task.osx, task.linux, task.windows])
    .filter((each) => each?.command !== undefined)
    .map((each) => [each?.command, ...(each?.args ?? []).filter((arg) => typeof arg === 'string')].join(' '));
}

function agentCommands(text: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (depth > 10 || typeof value !== 'object' || value === null) return;
    const hook = hookCommands.safeParse(value);
    if (hook.success) found.push(hook.data.command);
    for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  walk(readJson(text), 0);
  return found;
}

/** JSON with comments and trailing commas, as these tools read it. */
function readJson(text: string): unknown {
  const strip = text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, kept?: string) => kept ?? '')
    .replace(/,(\s*[}\]])/g, '$1');
  try {
    return JSON.parse(strip);
  } catch {
    return null;
  }
}

function lineOf(text: string, needle: string): number {
  const at = text.indexOf(JSON.stringify(needle).slice(1, 20));
  return at < 0 ? 1 : lineAt(text, at);
}
