// Worker of `bench:scan`: scans every target in turn in one thread, as a worker of the analyzer's pool would.
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { ScanTarget } from './packages.js';
import { noTime, type Span, type StageTimes, stageTimes } from './stages.js';
import type { KeptVerdict } from './verdicts.js';

/** What the worker is told. */
export interface RunSetup {
  /** Folder whose `dist` and `rules` are measured. */
  engine: string;
  targets: ScanTarget[];
  /** Where the CPU profile is written; null for nowhere. */
  profile: string | null;
  /** Take samples, so that stages can be told. */
  stages: boolean;
}

/** What one scan cost and said. */
export interface ScanCost {
  id: string;
  /** CPU of the process, all threads, in milliseconds. */
  cpuMs: number;
  wallMs: number;
  /** Unpacked bytes. */
  bytes: number;
  parsed: number;
  stages: StageTimes;
  verdict: KeptVerdict;
}

type Engine = typeof import('../../src/analyze/index.js');

const setup: RunSetup = workerData;
const engine: Engine = await import(pathToFileURL(join(setup.engine, 'dist', 'analyze', 'index.js')).href);
const rules = engine.loadRules([join(setup.engine, 'rules')]);
const session = new Session();
session.connect();
if (setup.stages) {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
}
const spans: Span[] = [];
const costs = setup.targets.map((target, index) => {
  const cost = scan(target);
  parentPort?.postMessage({ done: index + 1, cost });
  return cost;
});
if (setup.stages) {
  const { profile } = await session.post('Profiler.stop');
  const times = stageTimes(profile, spans);
  for (const cost of costs) cost.stages = times.get(cost.id) ?? cost.stages;
  if (setup.profile !== null) writeFileSync(setup.profile, JSON.stringify(profile));
}
parentPort?.postMessage({ costs, peakMb: process.resourceUsage().maxRSS / 1024 });
session.disconnect();

function scan({ id, path, kind }: ScanTarget): ScanCost {
  const from = Number(process.hrtime.bigint() / 1000n);
  const before = process.cpuUsage();
  const verdict =
    kind === 'folder' ? engine.analyzeFolder(path, rules) : engine.analyzeTarball(readFileSync(path), rules);
  const { user, system } = process.cpuUsage(before);
  const to = Number(process.hrtime.bigint() / 1000n);
  spans.push({ id, from, to });
  const { action, score, findings, stats } = verdict;
  const found = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    id,
    cpuMs: (user + system) / 1000,
    wallMs: (to - from) / 1000,
    bytes: stats.bytes,
    parsed: stats.parsed,
    stages: noTime(),
    verdict: { action, score, rules: found, findings: findings.length },
  };
}
