import { chown, cp, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative } from 'node:path';
import npa from 'npm-package-arg';
import { EXIT, SafeInstallError } from '../errors.js';
import type { InstallReport, ScriptRun } from '../model.js';
import type { Grant } from '../sandbox/sandbox.js';
import { grantFor } from './grants.js';
import { installProject } from './install-project.js';
import { nodesOfProject } from './named-packages.js';
import type { InstallOptions, InstallPolicy, LearnOptions, Learnt } from './options.js';

/**
 * Finds out what the scripts of one package need beyond the default: installs it in a folder of its own outside of the
 * project, with its scripts confined as ever and recorded, and proposes the smallest grant of what they were refused.
 * The project is not touched, and nothing is given while it is learnt.
 *
 * @throws SafeInstallError where the package is blocked, needs a review, has no script, or none of them ran
 */
export async function learnPackage(options: LearnOptions): Promise<Learnt> {
  const { npm, cwd, spec } = options;
  const [installed] = await nodesOfProject(spec, { ...options, cwd });
  const wanted =
    installed === undefined
      ? absoluteSpec(spec, cwd)
      : `${installed.packageName ?? installed.name}@${installed.version}`;
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'si-learn-')));
  try {
    await prepare(scratch, npm.path, options.policy);
    const report = await installProject({
      ...installOptions(options, scratch),
      specs: [wanted],
      // Dependencies come in any order: all are recorded, and the one that was asked for is chosen afterwards.
      trace: () => true,
    });
    const subject = subjectOf(report, wanted);
    const runs = report.scripts.filter((run) => run.package === subject && run.sandbox !== 'none');
    refuseUnlearnt(report, runs, wanted);
    const [first] = runs as [ScriptRun, ...ScriptRun[]];
    const [name, version] = [first.package.slice(0, first.package.lastIndexOf('@')), first.package.split('@').at(-1)!];
    const { proposeGrant } = await import('../sandbox/learn/index.js');
    const { defaultGrant } = await import('../sandbox/index.js');
    const proposal = proposeGrant({
      runs,
      events: report.events.filter((event) => event.package === first.package),
      folder: join(scratch, first.location),
      ranIn: scratch,
      project: npm.path,
      home: homedir(),
      env: npm.env,
      granted: grantFor(name, version, defaultGrant(), options.policy, null).env,
    });
    return { package: first.package, runs, proposal, report };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// A path is meant from where it was typed.
function absoluteSpec(spec: string, cwd: string): string {
  const { type, fetchSpec } = npa(spec, cwd);
  return (type === 'file' || type === 'directory') && fetchSpec ? fetchSpec : spec;
}

function installOptions(options: LearnOptions, scratch: string): Omit<InstallOptions, 'specs'> {
  const { npm, policy, spec: _, cwd: __, ...rest } = options;
  const flat = { ...npm.flat, global: false, dryRun: false, ignoreScripts: false, packageLockOnly: false, save: true };
  return {
    ...rest,
    command: 'install',
    npm: { ...npm, flat, path: scratch, workspaces: [], env: { ...npm.env, INIT_CWD: scratch } },
    policy: { ...policy, scripts: 'run', grants: movedGrants(policy, npm.path, scratch) },
    rootScriptsOutput: 'stderr',
  };
}

const GIVEN = ['writable', 'readable'] as const;

/** Grants of paths in the project mean the same paths in the folder that stands for it. */
function movedGrants(policy: InstallPolicy, project: string, scratch: string): InstallPolicy['grants'] {
  const moved = (path: string) => {
    const inside = relative(project, path);
    return isAbsolute(path) && !inside.startsWith('..') && !isAbsolute(inside) ? join(scratch, inside) : path;
  };
  return Object.fromEntries(
    Object.entries(policy.grants).map(([name, grant]): [string, Partial<Grant>] => [
      name,
      { ...grant, ...Object.fromEntries(GIVEN.flatMap((key) => (grant[key] ? [[key, grant[key].map(moved)]] : []))) },
    ]),
  );
}

/** Makes the folder that stands for the project: its decisions on scripts, its overrides, and copies of what may be read. */
async function prepare(scratch: string, project: string, policy: InstallPolicy): Promise<void> {
  const text = await readFile(join(project, 'package.json'), 'utf8').catch(() => '{}');
  const { allowScripts, overrides } = readManifest(text);
  const manifest = { name: 'learn', version: '0.0.0', private: true, allowScripts, overrides };
  await writeFile(join(scratch, 'package.json'), `${JSON.stringify(manifest)}\n`);
  for (const path of Object.values(policy.grants).flatMap(({ readable = [] }) => readable)) {
    const inside = isAbsolute(path) ? relative(project, path) : path;
    if (inside === '' || inside.startsWith('..') || inside.startsWith('~') || isAbsolute(inside)) continue;
    await mkdir(dirname(join(scratch, inside)), { recursive: true });
    await cp(join(project, inside), join(scratch, inside), { recursive: true }).catch(() => undefined);
  }
  // As root, scripts run as the owner of the project.
  const { uid, gid } = await stat(project);
  if (process.getuid?.() === 0 && uid !== 0) {
    for (const path of [scratch, join(scratch, 'package.json')]) await chown(path, uid, gid);
  }
}

function readManifest(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `name@version` of what the spec became; where the install was rolled back, the one package that nobody else asked for. */
function subjectOf({ packages }: InstallReport, wanted: string): string | null {
  const direct = packages.filter(({ requestedBy }) => requestedBy.length === 1 && requestedBy[0] === '(project)');
  const named = direct.find(({ name, version }) => wanted === `${name}@${version}` || wanted.startsWith(`${name}@`));
  const found = named ?? direct.find(({ name }) => name === wanted) ?? direct[0];
  return found === undefined ? null : `${found.name}@${found.version}`;
}

/** Nothing was learnt where no script ran: the error of the install says why, or there was none to run. */
function refuseUnlearnt({ error, exitCode }: InstallReport, runs: readonly ScriptRun[], wanted: string): void {
  if (runs.length > 0) return;
  if (error !== null) {
    throw new SafeInstallError(`Nothing was learnt: ${error.message}`, {
      code: error.code,
      exitCode,
      ...(error.where === null ? {} : { where: error.where }),
      next: error.next,
    });
  }
  throw new SafeInstallError(`${wanted} has no install script that may run: there is nothing to learn.`, {
    code: 'ENOSCRIPT',
    exitCode: EXIT.npm,
    where: wanted,
    next: [`safe-install explain ${wanted} shows its scripts and what is decided about them.`],
  });
}
