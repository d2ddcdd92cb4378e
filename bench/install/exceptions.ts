import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { layProject } from '../harness/project.js';
import { safeInstall, toolEnvironment } from '../harness/tools.js';

const reportSchema = z.looseObject({
  packages: z.array(z.looseObject({ name: z.string(), verdict: z.looseObject({ action: z.string() }) })),
});

/**
 * Names of the project's packages that safe-install would stop at. An install that stops cannot be timed, so the bench
 * writes what a person would after a look: a policy with exceptions for them. Their number is in the table.
 */
export async function stoppingPackages(
  project: string,
  base: string,
  registry: string,
  limitMs: number,
): Promise<string[]> {
  const own = join(base, 'look');
  const folders = { home: join(own, 'home'), cache: join(own, 'cache'), state: join(own, 'state') };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const folder = join(own, project);
  await layProject(project, folder, registry);
  const [command, ...args] = [...safeInstall, 'ci', '--ignore-scripts', '--dry-run', '--json'];
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, env: toolEnvironment(folders, registry), maxBuffer: 2 ** 30, timeout: limitMs };
    execFile(command as string, args, options, (_error, stdout, stderr) => {
      resolve(stdout === '' ? stderr : stdout);
    });
  });
  const { packages } = reportSchema.parse(parseReport(output, project));
  if (packages.length === 0) throw new Error(`safe-install scanned nothing of ${project}:\n${output.slice(0, 2000)}`);
  return [...new Set(packages.filter(({ verdict }) => verdict.action !== 'allow').map(({ name }) => name))].sort();
}

function parseReport(output: string, project: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new Error(`safe-install gave no report of ${project}:\n${output.slice(0, 2000)}`);
  }
}

/** Writes the policy file of a project with these exceptions. */
export async function writeExceptions(folder: string, packages: string[]): Promise<void> {
  const expires = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const exceptions = packages.map((name) => ({ package: name, rules: [], reason: 'measuring', expires }));
  await writeFile(join(folder, 'safe-install.json'), JSON.stringify({ exceptions }));
}
