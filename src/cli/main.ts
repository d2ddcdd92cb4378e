import { packageVersion } from './version.js';

/**
 * Runs one command line. What `--version` needs is all that is loaded for it.
 * @param argv the words after `safe-install`
 * @returns the exit code; never throws
 */
export async function main(argv: string[]): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const { runCommandLine } = await import('./run-command-line.js');
  return runCommandLine(argv);
}
