import type { ComparedWith, Finding, Verdict } from '../../model.js';
import { byWeight, combine, DEFAULT_THRESHOLDS, judge, type Thresholds } from '../../score.js';

/** A version that another is compared with. */
export interface VersionSeen extends ComparedWith {
  verdict: Verdict;
}

/** The rule under which what is new in a version stands among its findings. */
export const NEW_SINCE = 'new-since-version-before';

/** Evidence below this is what any package has; at install, where few do anything, less of it is. */
const LEAST_EVIDENCE = 15;
const LEAST_AT_INSTALL = 10;
const MOST_POINTS = 36;
const NAMED = 8;

/** What a capability that the version before had not adds, by what it is. */
const POINTS: readonly (readonly [RegExp, number])[] = [
  [/^script:/, 24],
  [/^fact:|→/, 12],
  [/^net:|^(?:install|import):(?:net|dns|code\.eval|process\.spawn|fs\.write|fs\.delete|monkeypatch)/, 6],
  [/^(?:bin|dep):/, 3],
];

/** Whether a comparison could change anything: there is evidence, and it is not blocked as it stands. */
export function gainsFromComparison({
  action,
  score,
  findings,
}: Pick<Verdict, 'action' | 'score' | 'findings'>): boolean {
  return action !== 'block' && (score >= LEAST_EVIDENCE || findings.some(tellsAtInstall));
}

function tellsAtInstall({ phase, weight }: Finding): boolean {
  return phase === 'install' && weight >= LEAST_AT_INSTALL;
}

/**
 * The verdict of a version in the light of the one before: evidence that is new and comes together with new capabilities (a script 24 points,
 * obfuscation and flows of secrets 12 each, hosts and sinks 6, bins and dependencies 3, at most 36) weighs more. What is
 * new stands as a finding of its own, which the score combines like any other. Where nothing is new, or what is new is no
 * evidence, the verdict stays as it is; it is never milder than before.
 */
export function weighAgainst(
  before: VersionSeen,
  after: Verdict,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): { verdict: Verdict; added: string[] } {
  const had = new Set(before.verdict.capabilities);
  const added = after.capabilities.filter((word) => !had.has(word) && pointsOf(word) > 0);
  const fresh = newEvidence(before.verdict, after, added);
  const tells = combine(fresh) >= LEAST_EVIDENCE || fresh.some(tellsAtInstall);
  if (added.length === 0 || !tells) return { verdict: after, added };
  const findings = [...after.findings, findingOf(before, added)].sort(byWeight);
  const { score, action } = judge(findings, thresholds);
  return {
    verdict: {
      ...after,
      findings,
      score: Math.max(score, after.score),
      action: ORDER[Math.max(ORDER.indexOf(action), ORDER.indexOf(after.action))] ?? after.action,
    },
    added,
  };
}

const ORDER = ['allow', 'review', 'block'] as const;

/** Findings that the version before had not: of another rule or phase, or about a host that is new. */
function newEvidence(before: Verdict, after: Verdict, added: readonly string[]): Finding[] {
  const keyOf = ({ rule, phase }: Finding): string => `${phase} ${rule}`;
  const known = new Set(before.findings.map(keyOf));
  const hosts = added.filter((word) => word.startsWith('net:')).map((word) => word.slice('net:'.length));
  const text = ({ message, slice }: Finding): string =>
    [message, ...(slice?.steps ?? []).map(({ note }) => note)].join('\n');
  return after.findings.filter(
    (finding) => !known.has(keyOf(finding)) || hosts.some((host) => text(finding).includes(host)),
  );
}

function findingOf({ version, from }: VersionSeen, added: readonly string[]): Finding {
  const heaviest = added.toSorted((a, b) => pointsOf(b) - pointsOf(a));
  const more = added.length > NAMED ? ` and ${added.length - NAMED} more` : '';
  const place = from === 'installed' ? 'which is installed' : 'which this machine has had before';
  const message = `New since ${version}, ${place}: ${heaviest.slice(0, NAMED).join(', ')}${more}`;
  return {
    rule: NEW_SINCE,
    severity: 'medium',
    phase: 'metadata',
    file: 'package.json',
    line: 0,
    message,
    slice: {
      steps: [{ role: 'step', file: 'package.json', line: 0, column: 0, note: message }],
      frame: heaviest.map((word) => `+ ${word}`).join('\n'),
    },
    weight: Math.min(
      MOST_POINTS,
      added.reduce((sum, word) => sum + pointsOf(word), 0),
    ),
    family: 'change',
    unasked: true,
    floor: null,
    guards: [],
  };
}

function pointsOf(capability: string): number {
  return POINTS.find(([pattern]) => pattern.test(capability))?.[1] ?? 0;
}
