// What a scan costs, by package and stage, in one thread of a warm process:
// npm run bench:scan -- [--lock package-lock.json …] [--tarballs folder …] [--fixtures] [--cache folder …] [--top 15]
//   [--engine folder] [--profile out.cpuprofile] [--verdicts out.json] [--against before.json] [--quiet-stages] [--write]
// `--engine` measures the `dist` and `rules` of another checkout; `--against` names every verdict that differs from kept ones, exit 1 then.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { patienceOf } from '../../src/analyze/pool/patient-compiler.js';
import { describeEnvironment, environmentLine } from '../harness/environment.js';
import { writeSection } from '../harness/results.js';
import { fixtureFolders, packagesOfLock, type ScanTarget, tarballsOf } from './packages.js';
import { costPage } from './page.js';
import type { RunSetup, ScanCost } from './run.js';
import { differences, readVerdicts, writeVerdicts } from './verdicts.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    lock: { type: 'string', multiple: true, default: [] },
    tarballs: { type: 'string', multiple: true, default: [] },
    fixtures: { type: 'boolean', default: false },
    cache: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    top: { type: 'string', default: '15' },
    engine: { type: 'string' },
    profile: { type: 'string' },
    'without-stages': { type: 'boolean', default: false },
    verdicts: { type: 'string' },
    against: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

if (values.engine === undefined) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', cwd: root });
const caches = [...values.cache, npmCache()].map((folder) => join(folder, '_cacache'));
const chosen = values.lock.length + values.tarballs.length > 0 || values.fixtures;
const locks = chosen ? values.lock : [join(root, 'bench', 'projects', 'medium', 'package-lock.json')];
const targets = new Map<string, ScanTarget>();
for (const lock of locks) {
  const found = packagesOfLock(lock, caches);
  if (found.missing > 0) console.error(`${lock}: ${found.missing} packages are not in the cache and left out`);
  for (const target of found.targets) targets.set(target.id, target);
}
for (const folder of values.tarballs) for (const target of tarballsOf(folder)) targets.set(target.id, target);
if (values.fixtures) for (const target of fixtureFolders(join(root, 'fixtures'))) targets.set(target.id, target);
const only = values.only === undefined ? null : new RegExp(values.only);

const environment = describeEnvironment(root);
const { costs, peakMb } = await run({
  engine: values.engine ?? root,
  targets: [...targets.values()].filter(({ id }) => only?.test(id) ?? true),
  profile: values.profile ?? null,
  stages: !values['without-stages'],
});
const page = costPage(costs, peakMb, environmentLine(environment.finish()), Number(values.top));
console.log(page);
if (values.write) await writeSection('bench:scan', page);
const verdicts = new Map(costs.map(({ id, verdict }) => [id, verdict]));
if (values.verdicts !== undefined) writeVerdicts(values.verdicts, verdicts);
if (values.against !== undefined) {
  const lines = differences(readVerdicts(values.against), verdicts);
  console.log(lines.length === 0 ? `\n${verdicts.size} verdicts, none differs` : `\n${lines.join('\n')}`);
  if (lines.length > 0) process.exitCode = 1;
}

function run(setup: RunSetup): Promise<{ costs: ScanCost[]; peakMb: number }> {
  return new Promise((resolve, reject) => {
    const patience = patienceOf(process.versions.node);
    if (patience !== null) setFlagsFromString(patience);
    // A worker does not inherit the loader for TypeScript.
    const script = new URL('./run.ts', import.meta.url).href;
    const code = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register(); await import(${JSON.stringify(script)});`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 192, stackSizeMb: 16 },
    });
    worker.on('message', (message: { done: number; cost: ScanCost } | { costs: ScanCost[]; peakMb: number }) => {
      if ('costs' in message) resolve(message);
      else if (message.done % 50 === 0) console.error(`  ${message.done} of ${setup.targets.length}`);
    });
    worker.on('error', reject);
  });
}

function npmCache(): string {
  return execFileSync('npm', ['config', 'get', 'cache'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
