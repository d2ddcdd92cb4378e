import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { EXIT, SafeInstallError } from '../../errors.js';
import { checkedAtBuild, parseYaml } from '../../yaml-text.js';
import { loadTaintModels, type TaintModels } from '../javascript/index.js';
import { hashRules, isFolder, yamlFiles } from './rule-files.js';
import {
  type IndicatorList,
  indicatorSchema,
  type Rule,
  type RuleFile,
  ruleSchema,
  type Separator,
  separatorSchema,
} from './schema.js';

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
  /** Benign separators that rules share, by id. */
  separators: ReadonlyMap<string, Separator>;
  indicators: ReadonlyMap<string, IndicatorList>;
  models: TaintModels;
  /** Hash over the files, part of the key of the verdict cache. */
  readonly hash: string;
}

/**
 * Loads `behaviours/`, `separators/`, `indicators/` and `taint/` of each folder; a later folder's rule takes the place of an earlier one of the same id.
 *
 * @param folders folders that look like this package's `rules/`; the first must have `taint/`
 * @throws RuleFileError naming the file and what is wrong with it
 */
export function loadRules(folders: readonly string[]): RuleSet {
  const files = new Map<string, RuleFile>();
  const separators = new Map<string, Separator>();
  const indicators = new Map<string, IndicatorList>();
  let models: TaintModels | null = null;
  for (const folder of folders) {
    if (!isFolder(folder)) throw new RuleFileError(folder, 'it is not a folder');
    const inSubfolders = ['behaviours', 'separators', 'indicators'].some((name) => isFolder(join(folder, name)));
    for (const file of yamlFiles(inSubfolders ? join(folder, 'behaviours') : folder)) {
      const rule = readNamed(file, ruleSchema);
      files.set(rule.id, rule);
    }
    for (const file of yamlFiles(join(folder, 'separators'))) {
      const { id, ...separator } = readNamed(file, separatorSchema);
      separators.set(id, separator);
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
  const rules = [...files.values()].map((rule) => withSeparators(rule, separators));
  for (const rule of rules) {
    const missing = indicatorsOf(rule).find((id) => !indicators.has(id));
    if (missing !== undefined)
      throw new RuleFileError(rule.id, `it names the indicator list ${missing}, which no folder has`);
  }
  return {
    rules: rules.sort((a, b) => (a.id < b.id ? -1 : 1)),
    separators,
    indicators,
    models,
    get hash() {
      return hashRules(folders);
    },
  };
}

/** Reads one rule file and checks it; the separators it names are those of a rule set. @throws RuleFileError */
export function readRuleFile(file: string, { separators }: Pick<RuleSet, 'separators'>): Rule {
  return withSeparators(readNamed(file, ruleSchema), separators);
}

function readNamed<T extends z.ZodType<{ id: string }>>(file: string, schema: T): z.infer<T> {
  const content = read(file, schema);
  if (basename(file).replace(/\.ya?ml$/, '') !== content.id)
    throw new RuleFileError(file, `its id is ${content.id}: the file must be called ${content.id}.yaml`);
  return content;
}

function withSeparators(rule: RuleFile, separators: ReadonlyMap<string, Separator>): Rule {
  const soften = rule.soften.map((each) => {
    if (!('use' in each)) return each;
    const shared = separators.get(each.use);
    if (shared === undefined)
      throw new RuleFileError(rule.id, `it names the separator ${each.use}, which no folder has`);
    return each.factor === undefined ? shared : { ...shared, factor: each.factor };
  });
  return { ...rule, soften };
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
        if ((key === 'indicators' || key === 'host_in') && Array.isArray(inner))
          found.push(...inner.filter((id) => typeof id === 'string'));
        else walk(inner);
      }
    }
  };
  walk([rule.when, rule.unless, rule.soften]);
  return found;
}
