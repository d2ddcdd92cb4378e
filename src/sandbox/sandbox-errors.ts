import { EXIT, SafeInstallError } from '../errors.js';

/** No sandbox can be had on this machine: scripts do not run (P1). */
export class SandboxUnavailableError extends SafeInstallError {
  constructor(message: string, next: string[], cause?: unknown) {
    super(message, { code: 'ESANDBOXUNAVAILABLE', exitCode: EXIT.noSandbox, next, cause });
  }
}

/** The sandbox itself failed while it was in use; the script that ran in it was ended. */
export class SandboxBrokenError extends SafeInstallError {
  constructor(what: string) {
    super(`The sandbox failed: ${what}`, {
      code: 'ESANDBOXBROKEN',
      exitCode: EXIT.noSandbox,
      next: ['Run `safe-install doctor` to see what this machine allows.'],
    });
  }
}

/** The grant or the request names something that the sandbox cannot give. */
export class SandboxRequestError extends SafeInstallError {
  constructor(message: string, where: string, next: string[]) {
    super(message, { code: 'ESANDBOXREQUEST', exitCode: EXIT.config, where, next });
  }
}
