import { dirname } from 'node:path';
import { EXIT } from '../errors.js';
import type { Action, InstallReport, ReportedPackage } from '../model.js';
import { withDefaultRooms } from './default-rooms.js';
import { applyExceptions } from './exceptions.js';
import { withHostPath } from './host-path.js';
import { findTarget } from './local-target.js';
import { describeError } from './npm-error.js';
import type { Scanner, ScanOptions } from './options.js';
import { reportPackages, startTimer, toolName } from './report.js';

/**
 * Scans folders, tarballs, lock files or specs without installing; exit code 0, 10 or 11 by the worst verdict.
 * Resolves to a report also where a target cannot be read (`error`).
 */
export async function scanTargets(options: ScanOptions): Promise<InstallReport> {
  const { laps, lap, total } = startTimer();
  const packages: ReportedPackage[] = [];
  const warnings: string[] = [];
  const rooms = withDefaultRooms(options.rooms, options.npm.path);
  let scanner: Scanner | null = null;
  let failure: ReturnType<typeof describeError> | null = null;
  try {
    scanner = await rooms.createScanner(options);
    for (const target of options.targets) {
      packages.push(...(await scanTarget(target, scanner, options, warnings)));
    }
    lap('scan');
  } catch (error) {
    failure = describeError(error);
  } finally {
    await scanner?.close();
  }
  total();
  return {
    schema: 1,
    tool: await toolName(),
    command: 'scan',
    exitCode: failure?.exitCode ?? exitCodeOf(packages.map(({ verdict }) => verdict.action)),
    dryRun: false,
    packages,
    changes: { added: 0, removed: 0, changed: 0 },
    scripts: [],
    events: [],
    warnings,
    error: failure?.entry ?? null,
    timings: laps,
  };
}

/** The exit code that the worst of these verdicts asks for. */
export function exitCodeOf(actions: readonly Action[]): number {
  if (actions.includes('block')) {
    return EXIT.blocked;
  }
  return actions.includes('review') ? EXIT.review : EXIT.ok;
}

async function scanTarget(
  target: string,
  scanner: Scanner,
  options: ScanOptions,
  warnings: string[],
): Promise<ReportedPackage[]> {
  const { cwd, policy, onProgress } = options;
  const found = await findTarget(target, cwd);
  if (found.kind === 'packages') {
    let done = 0;
    let fromCache = 0;
    return Promise.all(
      found.found.map(async ({ node, target: bytes }) => {
        const verdict = applyExceptions(await scanner.scan(bytes), node, policy);
        done += 1;
        fromCache += verdict.stats.fromCache ? 1 : 0;
        onProgress?.({ phase: 'scan', done, total: found.found.length, fromCache, name: node.name });
        const { action, score, stats, findings } = verdict;
        return { ...node, verdict: { action, score, fromCache: stats.fromCache }, decision: null, findings };
      }),
    );
  }
  // Arborist and pacote are loaded only for what has to be fetched.
  onProgress?.({ phase: 'resolve' });
  const [{ admitNodes }, { namedSettings, nodeOfSpec, nodesOfLock }, { versionsBefore }] = await Promise.all([
    import('./admission.js'),
    import('./named-packages.js'),
    import('./version-before.js'),
  ]);
  return withHostPath(async () => {
    const nodes =
      found.kind === 'lock' ? await nodesOfLock(found.file, options) : [await nodeOfSpec(found.spec, options)];
    const root = found.kind === 'lock' ? dirname(found.file) : options.npm.path;
    const fetch = namedSettings(options);
    const { admitted, unavailable } = await admitNodes(
      nodes.map((node) => ({ node, written: true })),
      {
        fetch,
        scanner,
        versionBefore: versionsBefore(root, fetch, scanner),
        allowScripts: null,
        allowAll: false,
        policy,
        approvals: [],
        onProgress: onProgress ?? (() => undefined),
        signal: options.signal,
      },
    );
    for (const { node, error } of unavailable) {
      warnings.push(`optional ${node.name}@${node.version} could not be fetched: ${(error as Error).message}`);
    }
    return reportPackages(admitted).map((entry) => ({ ...entry, decision: null }));
  });
}
