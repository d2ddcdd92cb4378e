import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

const MOST = 40_000;
const MOST_PLACES = 16;
/** How far the rule may stand from words that hush all rules of the file, and how much of a long line is looked at. */
const AROUND = 1_500;

const TELL = String.raw`(?:mention|reveal|disclos|discuss|announc|divulg|surfac|bring(?:ing)? up|talk(?:ing)? about|refer(?:ring|enc\w*)? to|speak(?:ing)? of)\w*`;
/** Words that are also said of style: with what must not be told, and where. */
const SAY = String.raw`(?:explain|document|describ|comment|report|flag|list|not(?:e|ing)|call(?:ing)? (?:it |this |that )?out|point(?:ing)? (?:it |this |that )?out|say|tell|inform|notify|alert)\w*`;
const PEOPLE = '(?:users?|developers?|humans?|owners?|maintainers?|reviewers?|people|anyone|anybody)';
const PLACES =
  '(?:repl(?:y|ies)|answers?|responses?|summar(?:y|ies)|commits?|commit messages?|reviews?|pull requests?|PRs?|changelogs?|release notes|diffs?|descriptions?|reports?|chat|conversation|output)';
/** What has just been said, as such. */
const IT = String.raw`(?:(?:it|this|that|them|these|those|why)\b(?!\s+(?:twice|again|unless|until|more than|before|if|every)\b)|(?:the|this|that) (?:scripts?|tags?|imports?|snippets?|rules?|polic(?:y|ies)|address(?:es)?|hosts?|urls?|dependenc(?:y|ies)|packages?|changes?|steps?|requirements?|pixels?|lines?|beacons?)\b)`;
const NOT = String.raw`(?:do not|don['’]t|never|must not|mustn['’]t|should not|shouldn['’]t|need not|no need to|(?:is|are) not to be|without|avoid)\s+(?:be\s+|ever\s+|explicitly\s+)?`;
/** One rule shall not be spoken of. */
const HUSHED = new RegExp(
  [
    String.raw`\b${NOT}${TELL}\s+(?:${IT}|(?:(?:in|to|with)\s+)?(?:the |your |any )?(?:${PEOPLE}|${PLACES})\b)`,
    String.raw`\b(?:is|are) not to be ${TELL}`,
    String.raw`\b${NOT}${SAY}\s+(?:on |about )?(?:(?:to |the |your |any )*${PEOPLE}\s+(?:about |of )?)?${IT}[^\n.]{0,60}?\b(?:${PLACES}|${PEOPLE})\b`,
    String.raw`\b${NOT}(?:tell|inform|notify|alert)(?:ing)?\s+(?:the |your |any )?${PEOPLE}\b`,
    // What is kept out of commits is a key, most often.
    String.raw`\b(?:leave|keep|omit|exclude) (?:it|this|that|them|these) (?:out of|from) (?:the |your |any |all )?(?:repl(?:y|ies)|answers?|responses?|summar(?:y|ies)|commit messages|reviews?|(?:pull requests?|PRs?)|(?:PR |pull request )?descriptions?|changelogs?|release notes|reports?|chat|conversation)\b`,
    String.raw`\bkeep (?:it|this|that|them|these)\b[^\n.]{0,20}\b(?:to yourself|quiet|hidden)\b`,
    String.raw`\b(?:silently|quietly|secretly|discreetly|covertly|unobtrusively)\s+(?:\w+\s+)?(?:add|include|insert|inject|embed|load|import|append|prepend|put|place)\b`,
    String.raw`\b(?:users?|developers?|reviewers?) (?:need|do(?:es)?)(?: not|n['’]t)(?: need to)? (?:know|hear|be told)\b`,
  ].join('|'),
  'gi',
);
/** All that the file says shall not be spoken of. */
const HUSHED_ALL = new RegExp(
  String.raw`\b${NOT}(?:${TELL}|${SAY}|repeat|quote|cite|show)\b[^\n.]{0,20}\b(?:these|this|the above|any of the(?:se)?)\s+(?:\w+\s+)?(?:rules?|instructions?|guidelines?|polic(?:y|ies)|file|section|document|conventions)\b`,
  'i',
);

const ADD = String.raw`\b(?:load|include|add|insert|import|embed|inject|put|place|prepend|append|attach|link|require|reference|use|call|send|post|request|ping|set|start|begin|initiali[sz]e|contain|have|point|route|proxy|register|install|end|finish|close|carry|ship|emit|output|render|paste|keep)(?:s|ed|ing)?\b`;
const CODE =
  /<script|\b(?:scripts?|tags?|imports?|html|pages?|layouts?|snippets?|pixels?|beacons?|components?|modules?|dependenc(?:y|ies)|packages?|endpoints?|webhooks?|middlewares?|handlers?|build|entry|entrypoints?|code|images?|stylesheets?|iframes?|workers?|server|routes?|registry|tarball|functions?|config\w*|Dockerfiles?|workflows?|requests?)\b|\.m?js\b/i;
const RUNS = /<script|\b(?:scripts?|iframes?|workers?|pixels?|beacons?|tarball|registry)\b|\.m?js\b/i;
const ADDRESS = /(?:https?:|(?<=["'`(\s]))\/\/([\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:[/?#][^\s"'`<>)]*)?/gi;
const DUTY =
  /\b(?:must|should|always|shall|needs? to|has to|have to|(?:is|are) (?:required|mandatory|added|included|loaded))\b/i;
/** `Never add scripts of …`. */
const FORBIDDEN =
  /\b(?:never|do not|don['’]t|must not|should not|cannot|avoid|instead of|rather than)\s+(?:\w+\s+){0,4}$/i;
/** A duty of which the contrary is said: `pages must not have …`. */
const REFUSED = /\b(?:not|never|cannot|without|no|none|nothing)\b|n['’]t\b/i;
const TOLD_AS_BAD =
  /\b(?:malicious\w*|attack\w*|exfiltrat\w*|injections?|dangerous|unsafe|suspicious|red flags?|bad example|detect\w*)\b/i;
const NOBODY = /^(?:localhost|127\.|0\.0\.0\.0|(?:www\.)?w3\.org$|schema\.org$)/i;

/** Safeguards that are to be left out. */
const WEAKENED =
  /\b(?:disable|skip|bypass|remove|turn off|switch off|omit|weaken)\w*\b[^\n.]{0,80}\b(?:TLS|certificates?|rejectUnauthorized|signature (?:check|verification)s?|authenti\w+|authori[sz]ation|csrf|saniti[sz]\w+|escaping|rate limit\w*|permission checks?|access control|password checks?)\b/gi;

/**
 * Instructions for assistants that have them put something of a foreign host into what they write, or leave a safeguard out, and
 * say nothing of it: whoever reads the answers or reviews the change is not to know.
 */
export function hiddenAdditions(file: string, text: string, isVendor: (host: string, url: string) => boolean): Fact[] {
  const lines = itemsOf(text.slice(0, MOST));
  const plain = lines.join('\n');
  const whole = HUSHED_ALL.exec(plain);
  const zones = [...plain.matchAll(HUSHED)].slice(0, MOST_PLACES).map(({ index }) => besideOf(plain, index));
  if (whole !== null)
    zones.push([Math.max(0, whole.index - AROUND), Math.min(plain.length, whole.index + whole[0].length + AROUND)]);
  for (const [from, to] of zones) {
    const zone = plain.slice(from, to);
    const told = foreignIn(zone, isVendor) ?? weakenedIn(zone);
    if (told === null || TOLD_AS_BAD.test(plain.slice(Math.max(0, from - 200), to))) continue;
    return [
      factAt('planted.agent-planting', `tells a coding assistant, and to say nothing of it: ${told.what}`, {
        file,
        line: lineAt(text, from + told.at),
      }),
    ];
  }
  return [];
}

/** Lines of a text in which each item of a list and each paragraph is one line; places stay. */
function itemsOf(text: string): string[] {
  return text
    .replace(/\r?\n(?![ \t]*(?:[-*+#>|\r\n]|\d+[.)]|```|$))/g, (found) => ' '.repeat(found.length))
    .split('\n');
}

/** The line of a place, with the one before and the one after: what `it` is may stand in either. */
function besideOf(text: string, at: number): [number, number] {
  const start = text.lastIndexOf('\n', at - 1);
  const before = start <= 0 ? -1 : text.lastIndexOf('\n', start - 1);
  const end = text.indexOf('\n', at);
  const after = end < 0 ? -1 : text.indexOf('\n', end + 1);
  return [Math.max(before + 1, at - AROUND), Math.min(after < 0 ? text.length : after, at + AROUND)];
}

interface Told {
  what: string;
  at: number;
}

function foreignIn(zone: string, isVendor: (host: string, url: string) => boolean): Told | null {
  for (const found of zone.matchAll(ADDRESS)) {
    const { 0: address, 1: host = '', index } = found;
    if (NOBODY.test(host)) continue;
    const from = zone.lastIndexOf('\n', index) + 1;
    const end = zone.indexOf('\n', index);
    const line = zone.slice(from, end < 0 ? zone.length : end);
    const before = line.slice(0, index - from).slice(-160);
    const verb = [...before.matchAll(new RegExp(ADD, 'gi'))].at(-1);
    const isAsked =
      verb === undefined
        ? (DUTY.test(before) && !REFUSED.test(before)) || DUTY.test(line.slice(index - from, index - from + 160))
        : !FORBIDDEN.test(before.slice(0, verb.index));
    // What a package's own host serves is its own, but not unseen in what others build.
    const words = isVendor(host.toLowerCase(), address) ? RUNS : CODE;
    if (isAsked && words.test(line)) return { what: line.trim().slice(0, 140), at: from };
  }
  return null;
}

function weakenedIn(zone: string): Told | null {
  for (const { 0: found, index } of zone.matchAll(WEAKENED))
    if (!FORBIDDEN.test(zone.slice(Math.max(0, index - 60), index)))
      return { what: `without a safeguard: ${found.slice(0, 120)}`, at: index };
  return null;
}
