import { lineOfField } from '../manifest/index.js';
import type { EntryPoint } from '../observation.js';
import type { ScanContext, Task, TextTask } from '../task.js';

/** Lifecycle events that npm runs for a dependency from the registry. */
const REGISTRY_EVENTS = ['preinstall', 'install', 'postinstall'] as const;
/** What it runs besides for git and folder dependencies. */
const SOURCE_EVENTS = ['prepublish', 'preprepare', 'prepare', 'postprepare', 'prepack'] as const;

/** Lifecycle scripts, and the implicit `node-gyp rebuild` of a package with a binding.gyp and no install script. */
export function scriptEntries(context: ScanContext, fromSource: boolean): { tasks: Task[]; events: string[] } {
  const { manifest, root, files } = context;
  const tasks: Task[] = [];
  const events: string[] = [];
  for (const event of fromSource ? [...REGISTRY_EVENTS, ...SOURCE_EVENTS] : REGISTRY_EVENTS) {
    const text = manifest.scripts[event];
    if (text === undefined || text.trim() === '') continue;
    events.push(event);
    tasks.push(scriptTask(context, event, text, { phase: 'install', file: manifest.path, via: `scripts.${event}` }, 0));
  }
  // Nobody runs these for a package of the registry, but who gets it by git or works in its folder.
  for (const event of fromSource || root !== '' ? [] : SOURCE_EVENTS) {
    const text = manifest.scripts[event] ?? '';
    const entry = { phase: 'bin' as const, file: manifest.path, via: `scripts.${event}` };
    if (startsSomething(context, text)) tasks.push(scriptTask(context, event, text, entry, 0));
  }
  const gyp = root === '' ? 'binding.gyp' : `${root}/binding.gyp`;
  const hasOwnBuild = manifest.scripts['install'] !== undefined || manifest.scripts['preinstall'] !== undefined;
  if (!hasOwnBuild && manifest.gypfile !== false && files.files.has(gyp)) {
    events.push('install (node-gyp)');
    tasks.push({
      kind: 'file',
      path: gyp,
      entry: { phase: 'install', file: gyp, via: 'binding.gyp' },
      language: 'gyp',
    });
  }
  return { tasks, events };
}

/** Whether a script starts a file that the package holds, or has what it does in its own text. */
function startsSomething(context: ScanContext, text: string): boolean {
  return (
    /\b(?:curl|wget|nc|iwr|irm|powershell|pwsh)\b|\b(?:node|bash|sh|python\d?|perl|ruby|php|deno|bun)\s+(?:-\w+\s+)*-(?:e|c|p|pe|-eval)\b/.test(
      text,
    ) ||
    text.split(/[\s;&|"'=]+/).some((word) => /[./]/.test(word) && context.files.files.has(word.replace(/^\.\//, '')))
  );
}

/** The task of reading one script of package.json. */
export function scriptTask(
  context: ScanContext,
  name: string,
  text: string,
  entry: EntryPoint,
  depth: number,
): TextTask {
  const { manifest, root } = context;
  const line = Math.max(1, lineOfField(manifest.text, ['scripts', name]));
  return { kind: 'text', language: 'shell', text, entry, file: manifest.path, line, taints: [], cwd: root, depth };
}
