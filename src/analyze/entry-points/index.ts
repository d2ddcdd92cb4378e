import type { Fact } from '../observation.js';
import type { FileTask, ScanContext, Task } from '../task.js';
import { binEntries } from './bin-entries.js';
import { frameworkEntries } from './framework-entries.js';
import { moduleEntries } from './module-entries.js';
import { plantedFiles } from './planted-files.js';
import { plantedSettings } from './planted-settings.js';
import { remoteDependencies } from './remote-dependencies.js';
import { scriptEntries } from './script-entries.js';
import { shrinkwrapFacts } from './shrinkwrap.js';

export { languageOf } from './language.js';
export { isExecutableMagic, type Magic, magicOf } from './magic.js';
export { resolveFile } from './resolve-file.js';
export { scriptTask } from './script-entries.js';

/** Everything that starts code of one package, install first. */
export interface EntryPoints {
  tasks: Task[];
  facts: Fact[];
  /** Lifecycle events that have something to run. */
  events: string[];
  /** Names that the package puts on the PATH. */
  bins: string[];
}

/** A command that `exports` lists under a path of its own is still started, not imported. */
function importable(modules: readonly FileTask[], bins: readonly FileTask[]): FileTask[] {
  const commands = new Set(bins.map(({ path }) => path));
  return modules.filter(({ path, entry }) => !commands.has(path) || !/^exports\["\.\//.test(entry.via));
}

/** Finds where code of a package starts, before any of it is read. */
export function findEntryPoints(context: ScanContext, fromSource: boolean): EntryPoints {
  const scripts = scriptEntries(context, fromSource);
  const modules = moduleEntries(context);
  // Commands of bundled packages are on nobody's PATH.
  const bins = context.root === '' ? binEntries(context) : { tasks: [], facts: [], names: [] };
  const framework = context.root === '' ? frameworkEntries(context, bins.tasks) : [];
  const planted = context.root === '' ? plantedFiles(context) : { tasks: [], facts: [] };
  const settings = context.root === '' ? plantedSettings(context) : { tasks: [], facts: [] };
  return {
    tasks: [
      ...scripts.tasks,
      ...importable(modules.tasks, bins.tasks),
      ...bins.tasks,
      ...framework,
      ...planted.tasks,
      ...settings.tasks,
    ],
    facts: [
      ...modules.facts,
      ...bins.facts,
      ...planted.facts,
      ...settings.facts,
      ...remoteDependencies(context),
      ...shrinkwrapFacts(context),
    ],
    events: scripts.events,
    bins: bins.names,
  };
}
