import { type ErrorAdvice, EXIT, SafeInstallError } from '../../errors.js';

/** The gateway's settings (registry, proxy, certificates) cannot be used as they stand. */
export class GatewayConfigError extends SafeInstallError {
  constructor(message: string, advice: Omit<ErrorAdvice, 'code' | 'exitCode'>) {
    super(message, { code: 'EGATEWAYCONFIG', exitCode: EXIT.config, ...advice });
  }
}
