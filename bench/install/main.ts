// How long an install takes beside npm: `npm run bench:install -- [--projects small,medium,synthetic-5000] [--states cold,warm]
// [--rounds 7] [--limit <seconds a run>] [--reference] [--resume] [--profile <folder>] [--write]`. States are measured in
// interleaved rounds. Every run is kept at once: `--resume` goes on after a break, as long as code and options are the same.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { describeEnvironment } from '../harness/environment.js';
import { openJournal } from '../harness/journal.js';
import { benchCache, benchFolder, packagesOf, projectNames } from '../harness/project.js';
import { writeKept, writeSection } from '../harness/results.js';
import { type Contender, runRounds } from '../harness/rounds.js';
import { compare } from '../harness/statistics.js';
import { versionOf } from '../harness/tools.js';
import { startRegistry } from '../registry/start.js';
import { contender, PAIR, referenceTools, type Tool, toolFolder } from './contenders.js';
import { stoppingPackages, writeExceptions } from './exceptions.js';
import { installMetrics, installPage, type Row } from './page.js';
import { STATES, type StateTarget } from './states.js';
import { makeSynthetic, syntheticCount } from './synthetic.js';

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: 'small,medium,large,native' },
    states: { type: 'string', default: STATES.map(({ state }) => state).join(',') },
    rounds: { type: 'string', default: '7' },
    'scan-rounds': { type: 'string' },
    limit: { type: 'string', default: '900' },
    folder: { type: 'string', default: benchFolder() },
    reference: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const BASELINE = 'npm 11';
const log = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
const registryFolder = join(benchCache(), 'registry');
const known = await projectNames();
const named = values.projects.split(',');
const projects = [...known.filter((name) => named.includes(name)), ...named.filter((name) => syntheticCount(name))];
const wanted = new Set(values.states.split(','));
const states = STATES.filter(({ state }) => wanted.has(state));
const rounds = Number(values.rounds);
const scanRounds = Number(values['scan-rounds'] ?? values.rounds);
const limitMs = Number(values.limit) * 1000;
if (!(rounds >= 1) || !(scanRounds >= 1) || !(limitMs > 0) || projects.length === 0 || states.length === 0) {
  throw new Error('nothing to measure: --projects, --states, --rounds and --limit must name something');
}

execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
const allTools = [...PAIR, ...(values.reference ? await referenceTools() : [])];
const versions = allTools.map((tool) => `${tool.name}: ${versionOf(tool.argv)}`).join(', ');
const journal = openJournal(join(benchCache(), `install-${codeHash()}.jsonl`), values.resume);
const registry = await startRegistry(registryFolder);
const base = await mkdtemp(join(values.folder, 'safe-install-bench-'));
const environment = describeEnvironment(base);
const rows: Row[] = [];
const stops: string[] = [];
try {
  for (const project of projects) await measureProject(project);
} finally {
  registry.close();
  await rm(base, { recursive: true, force: true });
}

const taken = environment.finish();
const markdown = installPage(rows, taken, versions, stops);
console.log(markdown);
if (values.write) {
  await writeSection('bench:install', markdown);
  await writeKept({ bench: 'install', environment: { ...taken, versions }, metrics: installMetrics(rows) });
}

async function measureProject(project: string): Promise<void> {
  const folder = join(base, project);
  const count = syntheticCount(project);
  if (count !== null) {
    log(`${project}: making its packages`);
    await makeSynthetic(count, join(benchCache(), 'projects', project), registryFolder);
  }
  log(`${project}: a first look`);
  const look = async (): Promise<string[]> => stoppingPackages(project, folder, registry.url, limitMs);
  const stopping = journal.get(`${project}/stops`, z.array(z.string())) ?? (await look());
  journal.put(`${project}/stops`, stopping);
  log(`  safe-install would stop at ${stopping.length}: ${stopping.join(', ')}`);
  // A run may still stop: a verdict that a time limit made on a busy machine is another one in the next run.
  const mend = async (): Promise<boolean> => {
    const more = (await look()).filter((name) => !stopping.includes(name));
    stopping.push(...more);
    return true;
  };
  const tools = withExceptions(stopping);
  for (const target of states) {
    log(`${project}, ${target.title}`);
    const contendersIn = (state: StateTarget['state']): Contender[] =>
      tools.map((tool) => ({
        ...contender(tool, state, project, folder, registry.url),
        ...(tool.name === 'safe-install' ? { mend: ({ exitCode }) => mendStop(exitCode, mend) } : {}),
      }));
    const scans = target.state === 'cold' || target.state === 'warm-no-verdicts';
    // The look has filled the loopback registry, so cold needs nothing; the others need caches, verdicts and (for nothing to
    // do) a tree, which every measured state leaves behind.
    const there = tools.every((tool) => existsSync(join(toolFolder(tool, folder), project, 'node_modules')));
    if (target.state !== 'cold' && !there) {
      const contenders = contendersIn(scans ? target.state : 'warm');
      await runRounds(contenders, { rounds: 1, limitMs, log: (line) => log(`  (unmeasured)${line}`) });
    }
    const measured = await runRounds(contendersIn(target.state), {
      rounds: scans ? scanRounds : rounds,
      limitMs,
      log,
      journal: { journal, prefix: `${project}/${target.state}` },
    });
    const names = tools.map(({ name }) => name);
    rows.push({
      project,
      packages: await packagesOf(project),
      target,
      comparisons: compare(measured, names, BASELINE),
    });
    if (values.profile !== undefined)
      await profile(contendersIn(target.state), join(values.profile, project, target.state));
  }
  stops.push(`${project}: ${stopping.length === 0 ? 'none' : stopping.join(', ')}`);
  await rm(folder, { recursive: true, force: true });
}

// Exit codes 10 and 11: something was stopped that the first look had let pass.
async function mendStop(exitCode: number, mend: () => Promise<boolean>): Promise<boolean> {
  return exitCode === 10 || exitCode === 11 ? mend() : false;
}

// One more run, not measured, that writes what the CPU did into files for the browser's or an editor's flame view.
async function profile(contenders: Contender[], folder: string): Promise<void> {
  const own = contenders.find(({ name }) => name === 'safe-install');
  if (own === undefined) return;
  await mkdir(folder, { recursive: true });
  const profiled: Contender = {
    ...own,
    command: () => {
      const { argv, ...rest } = own.command();
      const [node, ...args] = argv;
      return { ...rest, argv: [node as string, '--cpu-prof', '--cpu-prof-dir', resolve(folder), ...args] };
    },
  };
  await runRounds([profiled], { rounds: 1, limitMs, log: (line) => log(`  (profile)${line}`) });
  log(`  profile: ${folder}`);
}

function withExceptions(packages: string[]): Tool[] {
  return allTools.map((tool) =>
    tool.name === 'safe-install' ? { ...tool, lay: (folder: string) => writeExceptions(folder, packages) } : tool,
  );
}

// What is measured: the commit and what was changed since.
function codeHash(): string {
  const git = (...args: string[]): Buffer => execFileSync('git', args, { maxBuffer: 2 ** 28 });
  const hash = createHash('sha256')
    .update(git('rev-parse', 'HEAD'))
    .update(git('diff', 'HEAD', '--', 'src', 'rules'));
  return hash.digest('hex').slice(0, 12);
}
