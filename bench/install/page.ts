import { type Environment, environmentLine } from '../harness/environment.js';
import type { Kept } from '../harness/results.js';
import type { Comparison, Spread } from '../harness/statistics.js';
import type { StateTarget } from './states.js';

/** One project in one state. */
export interface Row {
  project: string;
  /** Packages in its lock file. */
  packages: number;
  target: StateTarget;
  comparisons: Comparison[];
}

/** The section of bench/RESULTS.md. */
export function installPage(rows: Row[], taken: Environment, versions: string, stops: string[]): string {
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
  for (const { project, packages, target, comparisons } of rows) {
    for (const { name, ratio: wallRatio, wall, cpu, cpuRatio, peakMb } of comparisons) {
      const verdict = name === 'safe-install' ? `${target.must} · ${target.aim}` : '';
      const figures =
        wall.n === 0 ? ' |  |  | ' : `${fixed(wall)} | ${fixed(cpu)} | ${ratio(cpuRatio)} | ${fixed(peakMb, 0)}`;
      lines.push(
        `| ${project} (${packages}) | ${target.title} | ${name} | ${ratio(wallRatio)} | ${verdict} | ${figures} |`,
      );
    }
  }
  return lines.join('\n');
}

/** The numbers that `bench:check` compares. */
export function installMetrics(rows: Row[]): Kept['metrics'] {
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

function fixed({ median }: Spread, digits = 2): string {
  return median.toFixed(digits);
}

function ratio(spread: Spread | null): string {
  if (spread === null) return '1';
  if (spread.n === 0) return 'failed';
  return `**${spread.median.toFixed(2)}** (${spread.min.toFixed(2)}–${spread.max.toFixed(2)}, ${spread.n})`;
}
