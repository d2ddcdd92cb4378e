import { existsSync, readFileSync } from 'node:fs';

/** Passed and failed tests of a vitest JSON report; a run that broke off counts as a failure. */
export function countVitest(report, exitCode) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = exitCode !== 0 && numFailedTests === 0 ? 1 : 0;
  return { passed: numPassedTests, failed: numFailedTests + broken };
}
