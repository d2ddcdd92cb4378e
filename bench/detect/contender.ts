import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Outcome, Sample } from './sample.js';

const answerSchema = z.object({
  action: z.enum(['allow', 'review', 'block']),
  score: z.number().nullable(),
  rules: z.array(z.string()),
  ms: z.number(),
  rssMb: z.number(),
});

/** A scanner in a process of its own: answers one message a sample, is ended when it hangs, and is started again. */
export interface Contender {
  name: string;
  module: string;
  execPath?: string;
  execArgv: string[];
  args: string[];
}

const SAMPLE_LIMIT_MS = 90_000;

/** Judges all samples one after the other. */
export async function judge(contender: Contender, samples: Sample[], log: (line: string) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let child: ChildProcess | null = null;
  for (const [index, sample] of samples.entries()) {
    child ??= start(contender);
    const outcome = await ask(child, sample);
    outcomes.push(outcome);
    if (outcome.action === 'failed' && (child.exitCode !== null || child.signalCode !== null || !child.connected))
      child = null;
    if ((index + 1) % 100 === 0) log(`${contender.name}: ${index + 1} of ${samples.length}`);
  }
  child?.kill();
  return outcomes;
}

function start({ module, execPath, execArgv, args }: Contender): ChildProcess {
  return fork(fileURLToPath(new URL(module, import.meta.url)), args, {
    execArgv,
    ...(execPath === undefined ? {} : { execPath }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function ask(child: ChildProcess, sample: Sample): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
    }, SAMPLE_LIMIT_MS);
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(outcome);
    };
    const failed = (error: string): void =>
      settle({ action: 'failed', score: null, rules: [], ms: performance.now() - started, rssMb: 0, error });
    const onExit = (code: number | null, signal: string | null): void =>
      failed(signal === 'SIGKILL' ? `ended after ${SAMPLE_LIMIT_MS} ms` : `exit ${code ?? signal}`);
    const onMessage = (message: unknown): void => {
      const answer = answerSchema.safeParse(message);
      if (answer.success) settle({ ...answer.data, error: null });
      else failed(z.object({ error: z.string() }).safeParse(message).data?.error ?? 'no answer');
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send({ path: sample.path, kind: sample.kind });
  });
}
