import { EXIT, SafeInstallError } from '../../errors.js';

/** A policy that cannot be used; exit code 14. */
export class PolicyError extends SafeInstallError {
  constructor(message: string, where: string, next: string[]) {
    super(message, { code: 'EPOLICY', exitCode: EXIT.config, where, next });
  }
}
