import PackageJson from '@npmcli/package-json';
import { resolveAllowScripts } from '../decide/index.js';
import { scriptsOf } from '../run/index.js';
import { type Admitted, admitNodes } from './admission.js';
import { withDefaultRooms } from './default-rooms.js';
import { applyExceptions, splitExcepted } from './exceptions.js';
import { readFolderManifest } from './folder-manifest.js';
import { withHostPath } from './host-path.js';
import { findTarget } from './local-target.js';
import { namedSettings, nodeOfSpec, nodesOfProject } from './named-packages.js';
import type { ExplainOptions, Explanation, Scanner } from './options.js';
import { reportPackages } from './report.js';
import { versionsBefore } from './version-before.js';

/**
 * Tells the story of one package: what would run and when, the findings, the decision; one entry per installed version.
 * @throws SafeInstallError or npm's error where the spec names nothing that can be read
 */
export async function explainPackage(options: ExplainOptions): Promise<Explanation[]> {
  const rooms = withDefaultRooms(options.rooms, options.npm.path);
  const scanner = await rooms.createScanner(options);
  try {
    return await withHostPath(async () => {
      const entries = await admit(options, scanner);
      return Promise.all(
        entries.map(async (entry) => ({
          package: reportPackages([entry])[0]!,
          scripts: entry.scripts,
          grant: await rooms.grantFor(entry, options.policy),
          decision: entry.decision,
          verdict: entry.verdict,
          excepted: entry.excepted,
        })),
      );
    });
  } finally {
    await scanner.close();
  }
}

/** What the story of one package is told from. */
type Told = Pick<
  Admitted,
  'packageNode' | 'pin' | 'verdict' | 'scripts' | 'decision' | 'approval' | 'excepted' | 'comparedWith'
>;

async function admit(options: ExplainOptions, scanner: Scanner): Promise<Told[]> {
  const { spec, cwd, npm, policy, approvals, signal } = options;
  const found = await findTarget(spec, cwd);
  if (found.kind === 'packages' && found.found.length === 1) {
    return [await explainLocal(found.found[0]!, scanner, options)];
  }
  const installed = await nodesOfProject(spec, options);
  const nodes = installed.length > 0 ? installed : [await nodeOfSpec(spec, options)];
  const seen = new Set<string>();
  const once = nodes.filter(({ resolved, version }) => {
    const key = `${resolved ?? ''} ${version}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
  const global = npm.flat['global'] === true;
  const packageJson = await PackageJson.normalize(npm.path).then(
    ({ content }) => (content as Record<string, unknown>)['allowScripts'],
    () => null,
  );
  const fetch = namedSettings(options);
  const { admitted } = await admitNodes(
    once.map((node) => ({ node, written: true })),
    {
      fetch,
      scanner,
      versionBefore: versionsBefore(npm.path, fetch, scanner),
      allowScripts: resolveAllowScripts({ ...npm.allowScripts, packageJson, global }).policy,
      allowAll: npm.flat['dangerouslyAllowAllScripts'] === true,
      policy,
      approvals,
      onProgress: options.onProgress ?? (() => undefined),
      signal,
    },
  );
  return admitted;
}

// A folder or a tarball on this machine: nothing is approved there, and nothing is decided beyond its verdict.
async function explainLocal(
  { node, target }: Extract<Awaited<ReturnType<typeof findTarget>>, { kind: 'packages' }>['found'][number],
  scanner: Scanner,
  { policy }: ExplainOptions,
): Promise<Told> {
  const { readTarballManifest } = await import('../fetch/index.js');
  const { decide } = await import('../decide/index.js');
  const raw = await scanner.scan(target);
  const verdict = applyExceptions(raw, node, policy);
  const manifest =
    target.kind === 'folder' ? await readFolderManifest(target.folder) : await readTarballManifest(target.file);
  const scripts = scriptsOf(node.source, manifest);
  const { decision } = decide({
    verdict,
    hasScripts: scripts.length > 0,
    approval: 'unreviewed',
    reviewed: false,
    scripts: policy.scripts,
  });
  return {
    packageNode: node,
    pin: null,
    verdict,
    scripts,
    decision,
    approval: null,
    excepted: splitExcepted(raw.findings, node, policy).excepted,
    comparedWith: null,
  };
}
