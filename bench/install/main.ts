// How long an install takes beside npm: `npm run bench:install -- [--projects small,medium] [--states cold,warm]
// [--rounds 7] [--reference] [--write]`. Each state is brought about once unmeasured, then measured in interleaved rounds.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEnvironment, environmentLine } from '../harness/environment.js';
import { benchCache, projectNames } from '../harness/project.js';
import { type Kept, writeKept, writeSection } from '../harness/results.js';
import { runRounds } from '../harness/rounds.js';
import { type Comparison, compare, type Spread } from '../harness/statistics.js';
import { versionOf } from '../harness/tools.js';
import { startRegistry } from '../registry/start.js';
import { contender, PAIR, referenceTools, type Tool } from './contenders.js';
import { stoppingPackages, writeExceptions } from './exceptions.js';
import { STATES, type StateTarget } from './states.js';

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: 'small,medium,large,native' },
    states: { type: 'string', default: STATES.map(({ state }) => state).join(',') },
    rounds: { type: 'string', default: '7' },
    'scan-rounds': { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    reference: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

interface Row {
  project: string;
  target: StateTarget;
  comparisons: Comparison[];
}

const BASELINE = 'npm 11';
const log = (line: string): void => console.error(line);
const wanted = new Set(values.states.split(','));
const projects = (await projectNames()).filter((name) => values.projects.split(',').includes(name));
const states = STATES.filter(({ state }) => wanted.has(state));
const rounds = Number(values.rounds);
const scanRounds = Number(values['scan-rounds'] ?? values.rounds);
if (!(rounds >= 1) || !(scanRounds >= 1) || projects.length === 0 || states.length === 0) {
  throw new Error('nothing to measure: --projects, --states and --rounds must name something');
}

execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
const allTools = [...PAIR, ...(values.reference ? await referenceTools() : [])];
const registry = await startRegistry(join(benchCache(), 'registry'));
const base = await mkdtemp(join(values.folder, 'safe-install-bench-'));
const environment = describeEnvironment(base);
const rows: Row[] = [];
const stops: string[] = [];
try {
  for (const project of projects) {
    const folder = join(base, project);
    log(`${project}: a first look`);
    const stopping = await stoppingPackages(project, folder, registry.url);
    log(`  safe-install would stop at ${stopping.length}: ${stopping.join(', ')}`);
    stops.push(`${project}: ${stopping.length === 0 ? 'none' : stopping.join(', ')}`);
    const tools = withExceptions(stopping);
    for (const target of states) {
      log(`${project}, ${target.title}`);
      const contenders = tools.map((tool) => contender(tool, target.state, project, folder, registry.url));
      await bringAbout(tools, project, folder, target);
      const scans = target.state === 'cold' || target.state === 'warm-no-verdicts';
      const measured = await runRounds(contenders, scans ? scanRounds : rounds, log);
      rows.push({
        project,
        target,
        comparisons: compare(
          measured,
          tools.map(({ name }) => name),
          BASELINE,
        ),
      });
    }
    await rm(folder, { recursive: true, force: true });
  }
} finally {
  registry.close();
  await rm(base, { recursive: true, force: true });
}

const taken = environment.finish();
const versions = allTools.map((tool) => `${tool.name}: ${versionOf(tool.argv)}`).join(', ');
const markdown = page();
console.log(markdown);
if (values.write) {
  await writeSection('bench:install', markdown);
  await writeKept({ bench: 'install', environment: { ...taken, versions }, metrics: metrics() });
}

function withExceptions(packages: string[]): Tool[] {
  return allTools.map((tool) =>
    tool.name === 'safe-install' ? { ...tool, lay: (folder: string) => writeExceptions(folder, packages) } : tool,
  );
}

// Cold fills the loopback registry first; the other states need caches, verdicts and (for nothing to do) a tree.
async function bringAbout(tools: Tool[], project: string, folder: string, target: StateTarget): Promise<void> {
  const state = target.state === 'cold' || target.state === 'warm-no-verdicts' ? target.state : 'warm';
  const preparing = tools.map((tool) => contender(tool, state, project, folder, registry.url));
  await runRounds(preparing, 1, (line) => log(`  (unmeasured)${line}`));
}

function page(): string {
  const lines = [
    '## Install',
    '',
    environmentLine(taken),
    '',
    `${versions}. Ratio of wall-clock to \`npm ci --ignore-scripts\` (nothing to do: \`npm install --ignore-scripts\`) of the same round; median of interleaved rounds (min–max, n). Scripts are off on both sides; safe-install reads every tarball.`,
    '',
    `Packages that its scan would have stopped at (they are excepted by policy, so that there is something to time): ${stops.join('; ')}.`,
    '',
    '| project | state | tool | ratio | must · aim | wall s | cpu s | cpu ratio | peak MiB |',
    '|---|---|---|---|---|---|---|---|---|',
  ];
  for (const { project, target, comparisons } of rows) {
    for (const comparison of comparisons) {
      const own = comparison.name === 'safe-install';
      const verdict = own ? `${target.must} · ${target.aim}` : '';
      lines.push(
        `| ${project} | ${target.title} | ${comparison.name} | ${ratio(comparison.ratio)} | ${verdict} | ${comparison.wall.median.toFixed(2)} | ${comparison.cpu.median.toFixed(2)} | ${ratio(comparison.cpuRatio)} | ${comparison.peakMb.median.toFixed(0)} |`,
      );
    }
  }
  return lines.join('\n');
}

function ratio(spread: Spread | null): string {
  if (spread === null) return '1';
  if (spread.n === 0) return 'failed';
  return `**${spread.median.toFixed(2)}** (${spread.min.toFixed(2)}–${spread.max.toFixed(2)}, ${spread.n})`;
}

function metrics(): Kept['metrics'] {
  const kept: Kept['metrics'] = {};
  for (const { project, target, comparisons } of rows) {
    const own = comparisons.find(({ name }) => name === 'safe-install');
    if (own?.ratio && own.ratio.n > 0) {
      kept[`${project}/${target.state}/ratio`] = { ...own.ratio, unit: '× npm' };
      kept[`${project}/${target.state}/peak`] = { ...own.peakMb, unit: 'MiB' };
    }
  }
  return kept;
}
