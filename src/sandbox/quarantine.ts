import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tar from 'tar';
import type { SandboxEvent, ScriptRun } from '../model.js';
import type { Grant } from './sandbox.js';

/** Everything that is kept of a script that was ended for a violation. */
export interface QuarantineCase {
  run: ScriptRun;
  violation: string;
  grant: Grant;
  events: readonly SandboxEvent[];
  /** Names only: values may be secrets. */
  environment: readonly string[];
  /** Command lines of its processes when it was ended. */
  processes: readonly string[];
  /** Folder of the package as the script left it. */
  folder: string;
}

/**
 * Keeps a package that was caught, for a person to look at: `context.json` and the folder as `package.tgz`, readable for
 * the user alone, below `quarantine` in the data folder. Nothing in there is ever run or installed.
 *
 * @returns the folder it is kept in.
 */
export async function quarantine(stateDir: string, caught: QuarantineCase): Promise<string> {
  const name = caught.run.package.replaceAll(/[^\w.@-]/g, '_');
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = join(stateDir, 'quarantine', `${stamp}-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { run, violation, grant, events, environment, processes } = caught;
  const context = { schema: 1, time: new Date().toISOString(), violation, run, grant, events, environment, processes };
  writeFileSync(join(folder, 'context.json'), `${JSON.stringify(context, null, 2)}\n`, { mode: 0o600 });
  const file = join(folder, 'package.tgz');
  await tar.create({ gzip: true, cwd: caught.folder, file, portable: true, prefix: 'package' }, ['.']);
  chmodSync(file, 0o600);
  return folder;
}
