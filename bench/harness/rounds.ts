import { execFileSync } from 'node:child_process';
import { type Command, type Measurement, measure } from './measure.js';

/** One side of a comparison: `prepare` brings the state that the command starts from and is not measured. */
export interface Contender {
  name: string;
  prepare(): Promise<void>;
  command(): Command;
  /** Throws when the command did not do its work. */
  check(): Promise<void>;
}

/** All contenders' measurements of one round; null where one failed. */
export type Round = Map<string, Measurement | null>;

/**
 * Runs the contenders interleaved, A B, B A, A B …: drift of the machine (load, disk, heat) then falls on all of them alike.
 * A failed run is reported and leaves its round incomplete, so that it makes no pair.
 */
export async function runRounds(
  contenders: Contender[],
  rounds: number,
  log: (line: string) => void,
): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    const measured: Round = new Map();
    for (const contender of order) {
      measured.set(contender.name, await runOne(contender, log));
    }
    results.push(measured);
    const line = contenders.map((c) => `${c.name} ${measured.get(c.name)?.wall.toFixed(2) ?? 'failed'}`).join(' · ');
    log(`  round ${round + 1}/${rounds}: ${line}`);
  }
  return results;
}

async function runOne(contender: Contender, log: (line: string) => void): Promise<Measurement | null> {
  await contender.prepare();
  execFileSync('sync');
  const measurement = await measure(contender.command());
  if (measurement.exitCode !== 0) {
    log(`  ${contender.name} ended with ${measurement.exitCode}:\n${measurement.output}`);
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
