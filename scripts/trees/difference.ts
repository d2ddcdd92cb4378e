import type { TreeEntry, TreeSnapshot } from './snapshot.js';

/** One path on which two trees do not agree; null where the path is missing. */
export interface TreeDifference {
  path: string;
  left: TreeEntry | null;
  right: TreeEntry | null;
}

/** A reason why a path may differ, and the test that the difference is of that kind and no other. */
export interface Explanation {
  reason: string;
  explains(difference: TreeDifference): boolean;
}

/** Every path on which two trees differ in presence, kind, mode, content or target. */
export function diffTrees(left: TreeSnapshot, right: TreeSnapshot): TreeDifference[] {
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.flatMap((path) => {
    const a = left.get(path) ?? null;
    const b = right.get(path) ?? null;
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, left: a, right: b }];
  });
}

/** Splits differences into those that an explanation accounts for and those that none does. */
export function explainDifferences(
  differences: TreeDifference[],
  explanations: Explanation[],
): { explained: { difference: TreeDifference; reason: string }[]; unexplained: TreeDifference[] } {
  const explained: { difference: TreeDifference; reason: string }[] = [];
  const unexplained: TreeDifference[] = [];
  for (const difference of differences) {
    const explanation = explanations.find((e) => e.explains(difference));
    if (explanation) explained.push({ difference, reason: explanation.reason });
    else unexplained.push(difference);
  }
  return { explained, unexplained };
}

/** One difference in one line, for people. */
export function differenceLine({ path, left, right }: TreeDifference): string {
  return `${path}: ${entryText(left)} | ${entryText(right)}`;
}

function entryText(entry: TreeEntry | null): string {
  if (entry === null) return 'missing';
  if (entry.type === 'link') return `link → ${entry.target}`;
  const mode = entry.mode.toString(8).padStart(4, '0');
  if (entry.type !== 'file') return `${entry.type} ${mode}`;
  return `file ${mode} ${entry.size} bytes ${entry.sha256.slice(0, 12)}`;
}
