import { EXIT, SafeInstallError } from '../../errors.js';
import { storeTarball } from '../../store/write-pack.js';
import { type AnalyzerTarget, analyzeTarget } from '../analyze-file.js';
import { defaultRulesFolder } from '../default-rules.js';
import { limitVerdict } from '../limit-verdict.js';
import { loadRules, type RuleSet } from '../rules/index.js';
import type { Answer, ErrorParts, WorkerSetup } from './protocol.js';

let loaded: { folders: string; rules: RuleSet } | null = null;

/** Loads the rules before there is anything to scan: these, or the ones that most want. What is wrong with them is said by the first scan. */
export function prepare(setup: WorkerSetup | null): void {
  try {
    rulesOf(setup?.rulesFolders ?? [defaultRulesFolder()]);
  } catch (error) {
    if (!(error instanceof SafeInstallError)) throw error;
  }
}

function rulesOf(folders: string[]): RuleSet {
  const key = folders.join('\0');
  if (loaded?.folders !== key) loaded = { folders: key, rules: loadRules(folders) };
  return loaded.rules;
}

/** Scans one target; every fault but the caller's becomes a verdict. */
export function scan(id: number, target: AnalyzerTarget, setup: WorkerSetup): Answer {
  let rules: RuleSet;
  try {
    rules = rulesOf(setup.rulesFolders);
  } catch (error) {
    if (!(error instanceof SafeInstallError)) throw error;
    return { unusable: partsOf(error) };
  }
  const { thresholds, store } = setup;
  try {
    const onRead = (files: Parameters<typeof storeTarball>[1]): unknown => store !== null && storeTarball(store, files);
    return { id, verdict: analyzeTarget(target, rules, { thresholds, onRead }) };
  } catch (error) {
    if (error instanceof SafeInstallError) return { id, error: partsOf(error) };
    if (error instanceof Error && 'syscall' in error) {
      const where = target.kind === 'tarball' ? target.file : target.folder;
      const next = ['Check that the file is there and that you may read it.'];
      return { id, error: { message: error.message, code: 'EREADTARGET', exitCode: EXIT.npm, where, next } };
    }
    // A fault of the analyzer on some input must not let that input pass.
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    return { id, verdict: limitVerdict(`the analyzer failed on it (${reason})`) };
  }
}

function partsOf({ message, code, exitCode, where = '', next }: SafeInstallError): ErrorParts {
  return { message, code, exitCode, where, next };
}
