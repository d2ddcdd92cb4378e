import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import type { Journal } from './journal.js';
import { type Command, type Measurement, measure } from './measure.js';

/** One side of a comparison: `prepare` brings the state that the command starts from and is not measured. */
export interface Contender {
  name: string;
  prepare(): Promise<void>;
  command(): Command;
  /** Throws when the command did not do its work. */
  check(): Promise<void>;
  /** Looks at a run that failed; resolves to true when the cause is removed and the run is worth repeating, once. */
  mend?(failed: Measurement): Promise<boolean>;
}

/** All contenders' measurements of one round; null where one failed. */
export type Round = Map<string, Measurement | null>;

/** How rounds are run. */
export interface RoundOptions {
  rounds: number;
  log: (line: string) => void;
  /** Milliseconds after which one run is ended and counts as failed. */
  limitMs?: number;
  /** Where each run is kept; runs that it has are not done again. */
  journal?: { journal: Journal; prefix: string };
}

/** After this many failures in a row a contender is left out of the rounds that remain: a hanging one would take hours. */
const GIVE_UP_AFTER = 2;

const measurementSchema = z.object({
  exitCode: z.number(),
  wall: z.number(),
  cpu: z.number(),
  peakMb: z.number(),
  output: z.string(),
});

/**
 * Runs the contenders interleaved, A B, B A, A B …: drift of the machine (load, disk, heat) then falls on all of them alike.
 * A failed run is reported and leaves its round incomplete, so that it makes no pair.
 */
export async function runRounds(contenders: Contender[], options: RoundOptions): Promise<Round[]> {
  const { rounds, log, journal } = options;
  const results: Round[] = [];
  const failures = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    const measured: Round = new Map();
    for (const contender of order) {
      const { name } = contender;
      const key = `${journal?.prefix ?? ''}/${round}/${name}`;
      const kept = journal?.journal.get(key, measurementSchema);
      if (kept === undefined && (failures.get(name) ?? 0) >= GIVE_UP_AFTER) {
        measured.set(name, null);
        continue;
      }
      const measurement = kept ?? (await runOne(contender, options));
      measured.set(name, measurement);
      failures.set(name, measurement === null ? (failures.get(name) ?? 0) + 1 : 0);
      const seconds = measurement === null ? 'failed' : `${measurement.wall.toFixed(2)} s`;
      log(`  round ${round + 1}/${rounds}: ${name} ${seconds}${kept === undefined ? '' : ' (kept)'}`);
      if (kept === undefined && measurement !== null) journal?.journal.put(key, { ...measurement, output: '' });
    }
    results.push(measured);
  }
  return results;
}

async function runOne(contender: Contender, options: RoundOptions): Promise<Measurement | null> {
  try {
    return await runTwiceAtMost(contender, options);
  } catch (error) {
    options.log(`  ${contender.name} could not be prepared: ${String(error)}`);
    return null;
  }
}

async function runTwiceAtMost(contender: Contender, { log, limitMs }: RoundOptions): Promise<Measurement | null> {
  const first = await attempt(contender, limitMs);
  if (first.exitCode !== 0 && (await contender.mend?.(first)) === true) {
    log(`  ${contender.name} ended with ${first.exitCode}; its cause is removed, once more`);
    return judge(contender, await attempt(contender, limitMs), log);
  }
  return judge(contender, first, log);
}

async function attempt(contender: Contender, limitMs: number | undefined): Promise<Measurement> {
  await contender.prepare();
  execFileSync('sync');
  return measure(contender.command(), limitMs);
}

async function judge(
  contender: Contender,
  measurement: Measurement,
  log: (line: string) => void,
): Promise<Measurement | null> {
  if (measurement.exitCode !== 0) {
    const how = measurement.timedOut === true ? 'was ended at its time limit' : `ended with ${measurement.exitCode}`;
    log(`  ${contender.name} ${how}:\n${measurement.output}`);
    return null;
  }
  try {
    await contender.check();
  } catch (error) {
    log(`  ${contender.name} did not do its work: ${String(error)}`);
    return null;
  }
  return measurement;
}
