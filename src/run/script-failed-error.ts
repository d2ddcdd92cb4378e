import { EXIT, SafeInstallError } from '../errors.js';
import type { ScriptRun } from '../model.js';

/** A lifecycle script failed; the command ends with its code, as npm's does. */
export class ScriptFailedError extends SafeInstallError {
  readonly run: ScriptRun;

  constructor(run: ScriptRun) {
    const end =
      run.limit ?? (run.signal === null ? `exited with ${run.exitCode ?? 'no code'}` : `ended by ${run.signal}`);
    super(`The ${run.event} script of ${run.package} failed: ${end}.`, {
      code: 'ELIFECYCLE',
      exitCode: run.exitCode ?? EXIT.npm,
      where: run.location,
      next: [
        `command: ${run.command}`,
        'Nothing was changed: the tree is as it was before. The output of the script stands in the report.',
      ],
    });
    this.run = run;
  }
}
