import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

const GOOD = String.raw`(?:trusted|trustworthy|safe|vetted|approved|audited|secure|benign|clean|verified|harmless|reviewed|low[- ]risk)\b(?!\s+to\b)`;
const REVIEW =
  /\b(?:review\w*|audit\w*|scan\w*|vulnerabilit\w+|supply[- ]chain|findings|security (?:check|report)s?)\b/i;
/** The rule itself, or what it does, shall not be spoken of. */
const HUSHED =
  /\b(?:do not|don't|never)\s+(?:mention|reveal|disclose|explain|cite|quote|show|tell)\b[^.\n]{0,60}\b(?:this|these|rules?|notes?|instructions?|users?|developers?|it)\b|\b(?:leave|keep) (?:it|this|them|that) out of\b|\bwithout (?:telling|mentioning|asking)\b|\b(?:silently|quietly|secretly)\b/i;
/** Where changes of others are looked at is no part of the package. */
const ELSEWHERE = String.raw`(?:\w+\s+)?(?:PRs?|MRs?|pull requests?|merge requests?|branches|commits|issues)\s+(?:in|inside|within|from)\s+[\w@/-]+(?: \w+)?['’]s\s+(?:\w+\s+){0,2}(?:folder|directory|checkout|workspace|worktree|clone)\b`;
const MOST = 40_000;
const AROUND = 400;

/** Instructions for assistants that vouch for the package whose code or files they are, or keep it out of reviews, and are not to be spoken of. */
export function vouchings(file: string, text: string, name: string): Fact[] {
  const words = new Set([name, name.replace(/^@[^/]+\//, '')]);
  const subject = `(?:${
    [...words]
      .filter((word) => word.length > 2)
      .map(escaped)
      .join('|') || '\0'
  }|this (?:package|library|dependency|module))`;
  const head = text.slice(0, MOST);
  const vouched = new RegExp(
    String.raw`(?<![\w-])${subject}(?![\w-])[^.\n]{0,40}\b(?:is|are|was|as|has been)\s+(?:\w+\s+){0,2}?${GOOD}|\btrust\s+(?:\w+\s+){0,2}?${subject}(?![\w-])`,
    'i',
  ).exec(head);
  const spared = new RegExp(
    String.raw`\b(?:skip|ignore|exclude|exempt|leave|omit|(?:do not|don't|never)\s+(?:flag|report|review|audit|scan|analy[sz]e|list))\s+(?!${ELSEWHERE})(?:\w+\s+){0,3}?(?:${subject}(?![\w-])|it out of (?:the |any |your )?(?:findings|reports?|results?|reviews?))`,
    'i',
  ).exec(head);
  const told = vouched ?? spared;
  if (told === null || !REVIEW.test(head.slice(Math.max(0, told.index - AROUND), told.index + AROUND))) return [];
  if (!HUSHED.test(head)) return [];
  const detail = `tells a coding assistant: ${told[0].slice(0, 140)}`;
  return [factAt('planted.agent-vouching', detail, { file, line: lineAt(text, told.index) })];
}

function escaped(word: string): string {
  return word.replace(/[^\w]/g, '\\$&');
}
