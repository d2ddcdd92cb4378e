import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { EXIT, SafeInstallError } from '../../errors.js';
import { checkedAtBuild, parseYaml } from '../../yaml-text.js';
import { loadTaintModels, type TaintModels } from '../javascript/index.js';
import { hashRules, isFolder, yamlFiles } from './rule-files.js';
import { type IndicatorList, indicatorSchema, type Rule, ruleSchema } from './schema.js';

/** A rule file cannot be used. */
export class RuleFileError extends SafeInstallError {
  constructor(file: string, problem: string, cause?: unknown) {
    super(`the rule file ${file} cannot be used: ${problem}`, {
      code: 'ERULE',
      exitCode: EXIT.config,
      where: file,
      next: [
        'Correct the file; `docs/rules` tells what a rule file may hold.',
        'Or leave its folder out of `rules:` in the policy.',
      ],
      cause,
    });
  }
}

/** Everything that data says about what is bad: rules, indicators, and the tables of sources and sinks. */
export interface RuleSet {
  rules: readonly Rule[];
  indicators: ReadonlyMap<string, IndicatorList>;
  models: TaintModels;
  /** Hash over the files, part of the key of the verdict cache. */
  readonly hash: string;
}

/**
 * Loads `behaviours/`, `indicators/` and `taint/` of each folder; a later folder's rule takes the place of an earlier one of the same id.
 *
 * @param folders folders that look like this package's `rules/`; the first must have `taint/`
 * @throws RuleFileError naming the file and what is wrong with it
 */
export function loadRules(folders: readonly string[]): RuleSet {
  const rules = new Map<string, Rule>();
  const indicators = new Map<string, IndicatorList>();
  let models: TaintModels | null = null;
  for (const folder of folders) {
    if (!isFolder(folder)) throw new RuleFileError(folder, 'it is not a folder');
    const inSubfolders = isFolder(join(folder, 'behaviours')) || isFolder(join(folder, 'indicators'));
    for (const file of yamlFiles(inSubfolders ? join(folder, 'behaviours') : folder)) {
      const rule = readRuleFile(file);
      rules.set(rule.id, rule);
    }
    for (const file of yamlFiles(join(folder, 'indicators'))) {
      const list = read(file, indicatorSchema);
      indicators.set(list.id, list);
    }
    if (isFolder(join(folder, 'taint'))) {
      models = loadTaintModels(join(folder, 'taint'));
    }
  }
  if (models === null) throw new RuleFileError(folders[0] ?? '(none)', 'none of the rule folders has taint/');
  for (const rule of rules.values()) {
    const missing = indicatorsOf(rule).find((id) => !indicators.has(id));
    if (missing !== undefined)
      throw new RuleFileError(rule.id, `it names the indicator list ${missing}, which no folder has`);
  }
  return {
    rules: [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    indicators,
    models,
    get hash() {
      return hashRules(folders);
    },
  };
}

/** Reads one rule file and checks it. @throws RuleFileError */
export function readRuleFile(file: string): Rule {
  const rule = read(file, ruleSchema);
  if (basename(file).replace(/\.ya?ml$/, '') !== rule.id)
    throw new RuleFileError(file, `its id is ${rule.id}: the file must be called ${rule.id}.yaml`);
  return rule;
}

function read<T extends z.ZodType>(file: string, schema: T): z.infer<T> {
  let content: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    const known = checkedAtBuild(text);
    if (known !== undefined) return known as z.infer<T>;
    content = parseYaml(text);
  } catch (cause) {
    if (!(cause instanceof Error) || 'syscall' in cause) throw new RuleFileError(file, 'it cannot be read', cause);
    throw new RuleFileError(file, cause.message.split('\n')[0] ?? 'not YAML', cause);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues);
  throw new RuleFileError(file, `${issue.path.join('.') || 'the file'}: ${issue.message}`, parsed.error);
}

/** Of the issues of a union the one that came furthest says best what is wrong. */
function deepest(issues: readonly z.core.$ZodIssue[]): { path: PropertyKey[]; message: string } {
  let best: { path: PropertyKey[]; message: string } = { path: [], message: 'does not fit the schema' };
  for (const issue of issues) {
    const inner = issue.code === 'invalid_union' ? issue.errors.map((nested) => deepest(nested)) : [];
    for (const candidate of inner.length === 0
      ? [{ path: [...issue.path], message: issue.message }]
      : inner.map((nested) => ({ path: [...issue.path, ...nested.path], message: nested.message }))) {
      if (best.path.length === 0 || candidate.path.length > best.path.length) best = candidate;
    }
  }
  return best;
}

function indicatorsOf(rule: Rule): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'indicators' && Array.isArray(inner)) found.push(...inner.filter((id) => typeof id === 'string'));
        else walk(inner);
      }
    }
  };
  walk([rule.when, rule.unless, rule.soften]);
  return found;
}
