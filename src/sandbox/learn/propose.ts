import { learnHosts } from './hosts.js';
import type { Lesson, Proposal, Wish } from './lesson.js';
import { learnCaches, learnPaths } from './paths.js';
import { learnVariables } from './variables.js';

function learnCalls({ runs }: Lesson): Wish[] {
  const calls = runs.flatMap(({ trace }) => trace?.entries ?? []).filter(({ what }) => what === 'refused');
  return [...new Set(calls.map(({ target }) => target))].map((value) => ({
    kind: 'call',
    value,
    why: 'a system call that no grant gives',
  }));
}

/** Paths that a script wrote and that were taken back: protected names are never given. */
function takenBack({ events }: Lesson): Wish[] {
  return events
    .filter(({ class: kind, action }) => kind === 'file' && action === 'undone')
    .map(({ target, evidence }) => ({ kind: 'write', value: target, why: `taken back: ${evidence}` }));
}

/**
 * Makes the smallest grant of what a package's scripts were refused: hosts, folders to write, files to read, variables. What a
 * severe violation touched, credentials, folders of others and whatever is wider than one package's need is named, not proposed.
 */
export function proposeGrant(lesson: Lesson): Proposal {
  const parts = [learnHosts(lesson), learnPaths(lesson), learnVariables(lesson)];
  const refused = [...parts.flatMap((part) => part.refused), ...takenBack(lesson), ...learnCalls(lesson)];
  const violated = lesson.runs.find(({ violation }) => violation !== undefined)?.violation;
  const wanted = parts.flatMap((part) => part.proposed);
  const unseen = [...new Set(lesson.runs.flatMap(({ trace }) => trace?.unseen ?? []))];
  if (violated === undefined) return { proposed: wanted, refused, caches: learnCaches(lesson), unseen };
  const because = wanted.map((wish) => ({ ...wish, why: `wanted by a script that ${violated}` }));
  return { proposed: [], refused: [...because, ...refused], caches: [], unseen };
}
