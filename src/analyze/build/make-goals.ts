import { HOLE } from '../task.js';
import { needsShell } from './make-expansion.js';

/** A rule of a makefile, expanded. */
export interface MakeRule {
  targets: readonly string[];
  needs: readonly string[];
}

/** Targets that tell make something about others; they are never made themselves. */
const SPECIAL = /^\.[A-Z_]+$/;

/** Whether a rule is there for what its targets say of others: `.PHONY: all`. What `.DEFAULT` gives is run. */
export function isSpecial(targets: readonly string[]): boolean {
  return targets.length > 0 && targets.every((target) => SPECIAL.test(target) && target !== '.DEFAULT');
}

/**
 * The rules that make may run for its goals, in their order in the file: those of a goal, of a makefile (make remakes them first) and
 * of whatever these need. Without goals it makes the first target that is no pattern and has no leading dot (GNU make, "How make
 * Processes a Makefile"). Where a name is not known, all rules may run.
 *
 * @param goals targets of make's command line
 * @param makefiles the makefile and what it includes, also what is not there
 * @param chosen what the makefile gives `.DEFAULT_GOAL`
 */
export function rulesFor<Rule extends MakeRule>(
  rules: readonly Rule[],
  goals: readonly string[],
  makefiles: readonly string[],
  chosen: string,
): Rule[] {
  const wanted = goals.length > 0 ? [...goals] : chosen !== '' ? words(chosen) : firstGoal(rules);
  if ([...wanted, ...rules.flatMap(({ targets }) => targets)].some(isUnknown)) return [...rules];
  const reached = new Set<Rule>();
  const seen = new Set<string>();
  const queue = [...wanted, ...makefiles];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (isUnknown(name)) return [...rules];
    for (const rule of rulesOf(name, rules)) {
      reached.add(rule);
      queue.push(...rule.needs.map((need) => (need.includes('%') ? need.replace('%', stemOf(name, rule)) : need)));
    }
  }
  return rules.filter((rule) => reached.has(rule));
}

function firstGoal(rules: readonly MakeRule[]): string[] {
  for (const { targets } of rules)
    for (const target of targets)
      if (!target.includes('%') && (!target.startsWith('.') || target.includes('/'))) return [target];
  return [];
}

// What a rule of that very name runs is added to by no other than a rule of the same name; else any pattern may make it.
function rulesOf<Rule extends MakeRule>(name: string, rules: readonly Rule[]): Rule[] {
  const own = plain(name);
  const named = rules.filter(({ targets }) => targets.some((target) => plain(target) === own));
  const patterns = rules.filter(({ targets, needs }) => targets.some((target) => fits(target, name, needs)));
  return [...named, ...patterns, ...(named.length > 0 ? [] : rules.filter(({ targets }) => targets[0] === '.DEFAULT'))];
}

function fits(target: string, name: string, needs: readonly string[]): boolean {
  if (target.includes('%')) {
    const [before = '', after = ''] = target.split('%');
    return name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
  }
  // A suffix rule, `.c.o`, makes what ends with the second; `.c` makes what has no suffix. It needs nothing else.
  const suffixes = needs.length > 0 || SPECIAL.test(target) ? null : /^(\.\w+)(\.\w+)?$/.exec(target);
  return suffixes !== null && (suffixes[2] === undefined ? !/\.\w+$/.test(name) : name.endsWith(suffixes[2]));
}

function stemOf(name: string, { targets, needs }: MakeRule): string {
  const target = targets.find((each) => each.includes('%') && fits(each, name, needs)) ?? '%';
  const [before = '', after = ''] = target.split('%');
  return name.slice(before.length, name.length - after.length);
}

function plain(name: string): string {
  return name.replace(/^(?:\.\/)+/, '');
}

function isUnknown(name: string): boolean {
  return needsShell(name) || name.includes('$') || name.includes(HOLE);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
