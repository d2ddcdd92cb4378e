import { createHash } from 'node:crypto';
import { defaultRulesFolder } from './default-rules.js';
import { engineVersion } from './engine-version.js';
import { hashRules } from './rules/rule-files.js';

/** What verdicts depend on besides the bytes: engine and rules, as one name. A small door of its own: it loads no parser. */
export function verdictKey(engine: string, rulesHash: string): string {
  return createHash('sha256').update(`${engine}\0${rulesHash}`).digest('hex').slice(0, 32);
}

/** The key under which this installation's verdicts are made, with these rule folders besides its own. */
export function currentVerdictKey(rulesFolders: readonly string[]): string {
  return verdictKey(engineVersion(), hashRules([defaultRulesFolder(), ...rulesFolders]));
}
