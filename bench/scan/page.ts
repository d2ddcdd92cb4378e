import type { ScanCost } from './run.js';
import { STAGES } from './stages.js';

/** The costs of a run as Markdown: the whole, by stage, and the dearest packages. */
export function costPage(costs: readonly ScanCost[], peakMb: number, environment: string, top: number): string {
  const cpu = sum(costs.map(({ cpuMs }) => cpuMs)) / 1000;
  const wall = sum(costs.map(({ wallMs }) => wallMs)) / 1000;
  const mb = sum(costs.map(({ bytes }) => bytes)) / 1e6;
  const sorted = costs.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  const lines = [
    '## Scan',
    '',
    environment,
    '',
    `One thread, warm process, no verdict cache: ${costs.length} packages, ${mb.toFixed(0)} MB unpacked, in **${cpu.toFixed(1)} s of CPU** (${wall.toFixed(1)} s wall): ` +
      `${(mb / cpu).toFixed(1)} MB/s, ${(costs.length / cpu).toFixed(0)} packages/s. CPU ms a package: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(1)}. Peak ${peakMb.toFixed(0)} MB.`,
    '',
  ];
  const share = STAGES.map((stage) => ({ stage, ms: sum(costs.map(({ stages }) => stages[stage])) }));
  const sampled = sum(share.map(({ ms }) => ms));
  if (sampled > 0) {
    lines.push('Stages are samples of wall time: on a busy machine only their shares say something.', '');
    lines.push(`| stage | s | share | MB/s of all |`, '|---|---|---|---|');
    for (const { stage, ms } of share)
      lines.push(
        `| ${stage} | ${(ms / 1000).toFixed(2)} | ${((ms / sampled) * 100).toFixed(0)} % | ${((mb * 1000) / ms).toFixed(0)} |`,
      );
    lines.push('');
  }
  lines.push(
    `| dearest packages | CPU ms | MB | parsed files | ${STAGES.join(' | ')} |`,
    `|${'---|'.repeat(4 + STAGES.length)}`,
  );
  for (const { id, cpuMs, bytes, parsed, stages } of costs.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, top)) {
    const own = STAGES.map((stage) => stages[stage].toFixed(0)).join(' | ');
    lines.push(`| ${id} | ${cpuMs.toFixed(0)} | ${(bytes / 1e6).toFixed(1)} | ${parsed} | ${own} |`);
  }
  return lines.join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
