import { EXIT, SafeInstallError } from '../errors.js';
import type { ScriptRun } from '../model.js';
import type { Admitted } from './admission.js';

const label = ({ packageNode: { name, version } }: Admitted): string => `${name}@${version}`;

/** At least one package is blocked; nothing was written. */
export class BlockedError extends SafeInstallError {
  constructor(blocked: readonly Admitted[]) {
    const names = blocked.map(label);
    super(`Blocked: ${list(names)}. Nothing was written.`, {
      code: 'EBLOCKED',
      exitCode: EXIT.blocked,
      where: names[0] ?? '',
      next: [
        `safe-install explain ${names[0]} shows what would run, line by line.`,
        `It is wanted by ${blocked[0]?.packageNode.requestedBy.join(', ') || 'the project'}: choose another version, or leave it out.`,
      ],
    });
  }
}

/** At least one package needs a person's decision, and there is nobody to ask (or the answer was to stop). */
export class ReviewNeededError extends SafeInstallError {
  constructor(pending: readonly Admitted[], stopped: boolean) {
    const names = pending.map(label);
    super(
      stopped
        ? `Stopped at your word, because of ${list(names)}. Nothing was written.`
        : `Needs review: ${list(names)}. Nothing was written.`,
      {
        code: 'EREVIEW',
        exitCode: EXIT.review,
        where: names[0] ?? '',
        next: [
          `safe-install explain ${names[0]} shows what would run.`,
          `safe-install approve ${names[0]} --reason "…" records that you have looked at it.`,
        ],
      },
    );
  }
}

/** npm's `strict-allow-scripts`: a script that nobody has decided on ends the install before it starts. */
export class StrictScriptsError extends SafeInstallError {
  constructor(unreviewed: readonly Admitted[]) {
    const names = unreviewed.map(label);
    super(`strict-allow-scripts: nobody has reviewed the scripts of ${list(names)}. Nothing was written.`, {
      code: 'ESTRICTALLOWSCRIPTS',
      exitCode: EXIT.npm,
      where: names[0] ?? '',
      next: names.map((name) => `safe-install approve ${name}, or safe-install deny ${name}`),
    });
  }
}

/** A script did what the sandbox ends scripts for; the tree was rolled back. */
export class ViolationError extends SafeInstallError {
  constructor(run: ScriptRun, violation: string) {
    const name = run.package.slice(0, run.package.lastIndexOf('@'));
    super(`${run.package} was stopped in its ${run.event} script: it ${violation}. The tree was rolled back.`, {
      code: 'EVIOLATION',
      exitCode: EXIT.violation,
      where: run.package,
      next: [
        'The credentials in the HOME that it had were planted ones, not yours.',
        ...(run.quarantine === undefined
          ? []
          : [
              `The package, what it did and its processes are kept in ${run.quarantine} (nothing in there is ever run).`,
            ]),
        `safe-install explain ${run.package} shows what it would run.`,
        `Leave it out (safe-install uninstall ${name}), and report it to the registry. Install it nowhere without the sandbox.`,
        `Where it is right to do that: \`ignoreViolations\` or \`sandbox.violations\` in the policy, with a reason.`,
      ],
    });
  }
}

/** Ctrl-C, or whoever holds the signal, ended the command. */
export class InterruptedError extends SafeInstallError {
  constructor() {
    super('Interrupted. The tree is as it was before.', { code: 'EINTERRUPTED', exitCode: 130 });
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
