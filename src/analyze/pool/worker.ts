import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { EXIT, SafeInstallError } from '../../errors.js';
import { storeTarball } from '../../store/index.js';
import { type AnalyzerTarget, analyzeTarget } from '../analyze-file.js';
import { readTarball } from '../archive/index.js';
import { limitVerdict } from '../limit-verdict.js';
import type { PackageFiles } from '../package-files.js';
import { loadRules, type RuleSet } from '../rules/index.js';
import type { Answer, ErrorParts, Job, WorkerSetup } from './protocol.js';

let setup: WorkerSetup;

parentPort?.once('message', (first: WorkerSetup) => {
  setup = first;
  try {
    const rules = loadRules(setup.rulesFolders);
    parentPort?.on('message', (job: Job) => {
      parentPort?.postMessage(answer(job, rules));
    });
  } catch (error) {
    if (!(error instanceof SafeInstallError)) throw error;
    parentPort?.postMessage({ unusable: partsOf(error) } satisfies Answer);
  }
});

function answer(job: Job, rules: RuleSet): Answer {
  try {
    if (job.work === 'unpack') return { id: job.id, stored: unpack(job.target) };
    return { id: job.id, verdict: analyzeTarget(job.target, rules, { thresholds: setup.thresholds, onRead: keep }) };
  } catch (error) {
    if (error instanceof SafeInstallError) return { id: job.id, error: partsOf(error) };
    if (error instanceof Error && 'syscall' in error) {
      const where = job.target.kind === 'tarball' ? job.target.file : job.target.folder;
      const next = ['Check that the file is there and that you may read it.'];
      return { id: job.id, error: { message: error.message, code: 'EREADTARGET', exitCode: EXIT.npm, where, next } };
    }
    // A fault of the analyzer on some input must not let that input pass.
    return {
      id: job.id,
      verdict: limitVerdict(
        `the analyzer failed on it (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'})`,
      ),
    };
  }
}

function unpack(target: AnalyzerTarget): boolean {
  if (target.kind === 'folder') return false;
  return keep(readTarball(readFileSync(target.file), { integrity: target.integrity, where: target.file }));
}

function keep(files: PackageFiles): boolean {
  return setup.store !== null && storeTarball(setup.store, files);
}

function partsOf({ message, code, exitCode, where = '', next }: SafeInstallError): ErrorParts {
  return { message, code, exitCode, where, next };
}
