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
