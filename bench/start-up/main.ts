// How long people wait before anything happens: `npm run bench:start-up -- [--rounds 15] [--write]`.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEnvironment, environmentLine } from '../harness/environment.js';
import { benchFolder } from '../harness/project.js';
import { writeKept, writeSection } from '../harness/results.js';
import { type Contender, runRounds } from '../harness/rounds.js';
import { compare } from '../harness/statistics.js';
import { safeInstall, toolEnvironment } from '../harness/tools.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, write: { type: 'boolean', default: false } },
});

const BASELINE = 'node -e 0';
const TARGETS: Record<string, number> = { 'safe-install --version': 80, 'safe-install scan <small package>': 300 };

execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
const base = await mkdtemp(join(benchFolder(), 'safe-install-start-up-'));
const folders = { home: join(base, 'home'), cache: join(base, 'cache'), state: join(base, 'state') };
const sample = join(base, 'sample');
for (const folder of [...Object.values(folders), sample]) await mkdir(folder, { recursive: true });
await writeFile(join(sample, 'package.json'), '{"name":"sample","version":"1.0.0","main":"index.js"}\n');
await writeFile(join(sample, 'index.js'), "module.exports = (text) => text.replace(/[^a-z]/g, '');\n");

const contenders: Contender[] = [
  contender(BASELINE, [process.execPath, '-e', '0']),
  contender('safe-install --version', [...safeInstall, '--version']),
  contender('safe-install help', [...safeInstall, 'help']),
  contender('safe-install scan <small package>', [...safeInstall, 'scan', sample]),
];
const log = (line: string): void => console.error(line);
const environment = describeEnvironment(base);
await runRounds(contenders, { rounds: 1, log: (line) => log(`  (unmeasured)${line}`) });
const rounds = await runRounds(contenders, { rounds: Number(values.rounds), log });
await rm(base, { recursive: true, force: true });

const taken = environment.finish();
const names = contenders.map(({ name }) => name);
const lines = [
  '## Start-up',
  '',
  environmentLine(taken),
  '',
  'Wall-clock from the shell, median of interleaved rounds (min–max, n); `node -e 0` is what any Node program costs.',
  '',
  '| command | ms | at most |',
  '|---|---|---|',
];
const comparisons = compare(rounds, names, BASELINE);
for (const { name, wall } of comparisons) {
  const ms = (seconds: number): string => (seconds * 1000).toFixed(0);
  const spread = wall.n === 0 ? 'failed' : `**${ms(wall.median)}** (${ms(wall.min)}–${ms(wall.max)}, ${wall.n})`;
  lines.push(`| \`${name}\` | ${spread} | ${TARGETS[name] ?? ''} |`);
}
const markdown = lines.join('\n');
console.log(markdown);
if (values.write) {
  await writeSection('bench:start-up', markdown);
  const own = comparisons.filter(({ name, ratio }) => name !== BASELINE && ratio !== null && ratio.n > 0);
  await writeKept({
    bench: 'start-up',
    environment: { ...taken },
    metrics: Object.fromEntries(own.map(({ name, ratio }) => [name, { ...ratio!, unit: `× ${BASELINE}` }])),
  });
}

function contender(name: string, argv: string[]): Contender {
  return {
    name,
    prepare: async () => {},
    command: () => ({ argv, cwd: base, env: toolEnvironment(folders, 'http://127.0.0.1:9/') }),
    check: async () => {},
  };
}
