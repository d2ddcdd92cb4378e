import { readFile } from 'node:fs/promises';
import type { ReportedPackage } from '../model.js';
import type { Admitted } from './admission.js';

/** The packages of a report: place, verdict, findings, decision. */
export function reportPackages(
  admitted: readonly Pick<Admitted, 'packageNode' | 'pin' | 'verdict' | 'decision' | 'comparedWith'>[],
): ReportedPackage[] {
  return admitted.map(({ packageNode, pin, verdict, decision, comparedWith }) => ({
    ...packageNode,
    // Where the lock file knows none, the hash of the bytes that were scanned.
    integrity: packageNode.integrity ?? pin?.integrity ?? null,
    verdict: { action: verdict.action, score: verdict.score, fromCache: verdict.stats.fromCache },
    decision,
    findings: verdict.findings,
    ...(comparedWith === null ? {} : { comparedWith }),
  }));
}

/** Name and version of this tool, for the report. */
export async function toolName(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return `safe-install ${(JSON.parse(text) as { version: string }).version}`;
}

/** Measures laps: each call adds the milliseconds since the last one to the named part. */
export function startTimer(): { laps: Record<string, number>; lap: (name: string) => void; total: () => void } {
  const laps: Record<string, number> = {};
  const started = performance.now();
  let last = started;
  const lap = (name: string): void => {
    const now = performance.now();
    laps[name] = Math.round((laps[name] ?? 0) + now - last);
    last = now;
  };
  const total = (): void => {
    laps['total'] = Math.round(performance.now() - started);
  };
  return { laps, lap, total };
}
