import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';
import { partsOutOfSight } from './out-of-sight.js';
import { isToldAsBad, MANY_HANDED_OVER, REMOTE_SHELL, SECRETS_PIPED, SECRETS_SENT, THEFT } from './secrets-told.js';

const SPEECH: readonly (readonly [string, RegExp])[] = [
  [
    'ignore-instructions',
    /(?<!\b(?:not|never|cannot|t)\s{1,2})\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)?(?:previous|prior|above|earlier|preceding|system|other)\s+(?:instructions?|prompts?|rules|directives|messages?|analysis|findings)\b(?!\s+(?:mode|role|format|type|name|template|option|setting|class|component|propert)\w*)/i,
  ],
  [
    'chat-template',
    // A template of a tokenizer's, `{{ '<|im_start|>assistant' }}`, is made to be filled.
    /(?<!\{[{%][^}\n]{0,120})<\|(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|>(?!["'`])|(?<!\{[{%][^}\n]{0,120})\[INST\](?!["'`])|<<SYS>>(?!["'`])|<\/?(?:system|assistant)_?(?:prompt|message)?>\s*(?:you|ignore|the)/i,
  ],
  [
    'verdict',
    /["'](?:verdict|classification|is_malicious|malicious|risk(?:_?score)?|safe)["']\s*:\s*["']?(?:safe|benign|clean|false|allow|0|none|true)\b[^\n]{0,80}(?:reviewer|scanner|analysis|auditor|assistant|llm|model)/i,
  ],
  [
    'reviewer',
    /\b(?:note|attention|message|instructions?|dear|hello|hey)\s*(?:to|for)?\s*(?:any\s+|the\s+|all\s+)?(?:ai|llm|automated|language model|security)\s*(?:agents?|assistants?|reviewers?|scanners?|analy[sz]ers?|auditors?|models?|tools?)\b/i,
  ],
  [
    'mark-safe',
    /\b(?:you (?:must|should)|please|always)\s+(?:classify|mark|report|rate|label|treat|consider|respond|answer|conclude)\b[^\n.]{0,60}\b(?:(?<!while being )safe|benign|clean|harmless|not malicious|no (?:issues|findings|threats?))/i,
  ],
  [
    'audited',
    /\b(?:this (?:file|code|package|module) (?:has|have) been|already)\s+(?:\w+\s+)?(?:audited|reviewed|verified|approved|vetted|whitelisted|allowlisted)\b[^\n]{0,80}\b(?:no need|skip|do not (?:analy|flag|report|scan)|safe(?!\s+to\s+use\b))/i,
  ],
  [
    'do-not-report',
    /\b(?:do not|don't|never)\s+(?:flag|report|mention|analy[sz]e|scan|warn (?:about|the user)|tell the user|reveal|alert)\b[^\n]{0,80}\b(?:this|these|following|user|code|file|section|below|script)/i,
  ],
];

/** Something from elsewhere, no server of this machine or place to be filled in, is to be run, or something secret to be taken out: what is only run beside such words takes nothing. Tokens that a model uses up are counted. */
const AGENT =
  /(?<!-)\b(?:run|execute|curl|wget|download|install|npx|bash|sh -c|eval|read|send|upload|exfiltrate|post)\b(?![-"'])[^\n]{0,160}(?:https?:\/\/(?!localhost|127\.\d|0\.0\.0\.0|\[::1\]|<[\w -]+>|\{\w+\}|your-)|\$\((?=\w)|\|\s*(?:ba)?sh\b)|(?<!-)\b(?:curl|wget|read|cat|tar|zip|cp|scp|rsync|nc|printenv|base64|node -e|python3? -c|bash -c|sh -c|copy|collect|gather|include|attach|paste|print|append|send|upload|exfiltrate|post|submit|report)\b(?![-"'/])[^\n]{0,160}(?:~\/\.|\.env\b|(?:api[_ ]?keys?|(?<!\b(?:more|fewer|less|extra|many|how many|input|output|context|prompt|completion|total|max|\d[\d,.]*k?)\s)tokens?|credentials?|secrets?)(?![a-z]|_(?:re|regex|pattern)s?\b))/gi;
/** `never read, print or send`, `may include`: what stands behind is forbidden or told of, unless it is to ask or to wait that is forbidden. */
const FORBIDDEN =
  /\b(?:never|do not|don't|must not|should not|shouldn't|cannot|avoid)\s+(?:(?!ask|tell|mention|inform|notify|wait|hesitate|forget|fail|omit|skip)\w+,?\s+){0,3}$|\b(?:never|do not|don't)\s+ask\s+(?:the\s+)?users?\s+to\s+$|\b(?:may|might|could)\s+$/i;
const SECRECY =
  /\b(?:do not|don't|never|without)\s+(?:ask|tell|mention|inform|notify|show|confirm|reveal|report|disclos)\w*\b|\bsilently\b|\bquietly\b|\bdo this (?:before|first)\b|\bhide\b/i;

/** What is said of the people whose assistant it is: that they need not know. */
const UNTOLD =
  /\b(?:do not|don't|never|without)\s+(?:\w+\s+){0,2}?(?:ask|tell|mention|inform|notify)\w*\b[^\n]{0,80}\b(?:users?|them|anyone|again|summary|human|developer|this|these|it)\b|\b(?:silently|quietly|secretly)\b|\buser has (?:already )?(?:approved|agreed|consented)\b/i;
/** Words by which the assistant shall leave its user out. */
const BEHIND_BACK =
  /\b(?:do not|don't|never|without|need not|no need to)\s+(?:ever\s+)?(?:ask|tell|mention|inform|notify|show|confirm|reveal|report|disclos|prompt|bother|wait for|asking|telling|mentioning)\w*\b[^\n.]{0,60}\b(?:user|developer|human|owner|person|them|permission|approval|confirmation|output|summary|this|report|step)\b|\b(?:leave|keep) (?:it|this|them|that) out of\b|\bomit (?:it|this|them|that) from\b|\b(?:it|this|so|that|them|ahead|proceed|continue) without (?:asking|telling|mentioning|prompting|notifying|waiting|approval|permission|confirm\w*)\b|\b(?:takes? precedence over|overrides?)\b[^\n]{0,60}\b(?:instructions?|rules|requests?)\b|\b(?:already|been) approved by\b|\bno (?:confirmation|approval) is (?:needed|required)\b/i;

/** `never install it without asking the user`: that is the contrary. */
const NOT_WITHOUT =
  /(\b(?:never|do not|don't|must not|should not|shouldn't|cannot)\s+(?!ask|tell|mention|inform|notify|show|confirm|wait)[^.,;:\n]{0,80}?)\bwithout\b/gi;

/** A step that nobody shall hear of or agree to; not to ask somebody for a key, or not to show it, is only polite. */
const UNSEEN =
  /\b(?:do not|don't|never|without|need not|no need to)\s+(?:\w+\s+){0,2}?(?:(?:tell|mention|inform|notify|bother|telling|mentioning|informing|notifying)\b[^\n.]{0,60}?\b(?:it|this|these|that|them|users?|developers?|humans?|owners?|anyone|step|summary|reply|answer)\b|(?:ask|prompt|wait|asking|prompting|waiting)\b[^\n.]{0,30}\b(?:confirmation|permission|approval|consent|first|before)\b)|\bwithout (?:asking|(?:user )?(?:confirmation|approval|consent))\b|\bno (?:confirmation|approval|consent) (?:is )?(?:needed|required)\b|\b(?:leave|keep) (?:it|this|that|them) out of\b|\b(?:silently|quietly|secretly)\b|\b(?:already|been) approved by\b/i;
const NEGATED = /\b(?:not|never|n't|avoid|without|if)\b[^.!?\n]{0,60}$/i;
const BESIDE = 600;
const LONGEST_GUIDE = 100_000;

function isUnseen(text: string, { 0: told, index }: RegExpExecArray): boolean {
  return UNSEEN.test(text.slice(Math.max(0, index - BESIDE), index + told.length + BESIDE));
}

const NEAR = 1_500;

/** Whether words of secrecy stand near a place: a long guide has some anywhere. */
function isHushed(text: string, at: number): boolean {
  return SECRECY.test(around(text, at));
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - NEAR), at + NEAR);
}

/** Text in a file that speaks to an automated reviewer, to make it look away. */
export function promptInjection(file: string, text: string): Fact[] {
  const kinds = new Map<string, number>();
  for (const [kind, pattern] of SPEECH) {
    const match = pattern.exec(text);
    if (match !== null) kinds.set(kind, match.index);
  }
  const [first] = kinds.values();
  if (first === undefined) return [];
  const line = lineAt(text, first);
  return [
    factAt(
      `prompt-injection.${kinds.size > 1 ? 'strong' : 'weak'}`,
      `speaks to an automated reviewer (${[...kinds.keys()].join(', ')})`,
      { file, line },
    ),
  ];
}

/** Instructions of an agent file (CLAUDE.md, AGENTS.md, rules of editors) that make an assistant run remote code or hide what it does. */
export function agentInstructions(file: string, text: string, names: readonly string[] = []): Fact[] {
  const told = (id: string, command: RegExpExecArray, isSilent: boolean): Fact =>
    factAt(id, `tells a coding assistant${isSilent ? ', and to say nothing of it' : ''}: ${command[0].slice(0, 140)}`, {
      file,
      line: lineAt(text, command.index),
    });
  const facts: Fact[] = [];
  const theft =
    REMOTE_SHELL.exec(text) ?? allowed(text, SECRETS_SENT) ?? SECRETS_PIPED.exec(text) ?? allowed(text, THEFT);
  // As long as it was, so that places stay.
  const plain = text.replace(NOT_WITHOUT, '$1with   ');
  const isSilent = UNTOLD.test(plain);
  const handed = MANY_HANDED_OVER.exec(plain.slice(0, LONGEST_GUIDE));
  if (theft !== null && (isSilent || BEHIND_BACK.test(plain))) facts.push(told('planted.agent-theft', theft, isSilent));
  else if (handed !== null && !NEGATED.test(plain.slice(0, handed.index)) && isUnseen(plain, handed))
    facts.push(told('planted.agent-theft', handed, isSilent));
  else facts.push(...theftOutOfSight(file, text, [SECRETS_SENT, SECRETS_PIPED, THEFT]));
  const command = allowed(text, AGENT, ownFolders(names));
  if (command !== null) {
    const id = isHushed(plain, command.index) ? 'planted.agent-commands' : 'planted.agent-command';
    facts.push(told(id, command, UNTOLD.test(around(plain, command.index))));
  }
  return facts;
}

/** Folders of home that are those of other tools, whatever a package is called. */
const OF_OTHERS = /^(?:ssh|aws|gnupg|kube|docker|npm|npmrc|netrc|config|azure|gcloud|git|claude|codex|gemini|cursor)$/i;
const LEAST_OWN = 4;

/** The rest of a path in home after `~/.` where it is the own folder of a package or command: `.clock/settings.json` of clock-cli. */
function ownFolders(names: readonly string[]): RegExp | null {
  const own = names
    .map((name) => name.replace(/^@[^/]+\//, ''))
    .flatMap((name) => [name, name.split('-')[0] ?? ''])
    .filter((each) => each.length >= LEAST_OWN && !OF_OTHERS.test(each));
  if (own.length === 0) return null;
  return new RegExp(`^(?:${own.map((each) => each.replace(/\W/g, '\\$&')).join('|')})(?![\\w.-])`, 'i');
}

/** The first place of these words that does not forbid what they say, and asks for more than what is the package's own. */
function allowed(text: string, words: RegExp, own: RegExp | null = null): RegExpExecArray | null {
  for (const found of text.matchAll(new RegExp(words.source, 'gi'))) {
    const end = found.index + found[0].length;
    if (found[0].endsWith('~/.') && own?.test(text.slice(end, end + 80)) === true) continue;
    if (!FORBIDDEN.test(text.slice(Math.max(0, found.index - 80), found.index))) return found;
  }
  return null;
}

/**
 * What nobody who sets up an assistant writes into its file by code, be it said openly: a command that sends secret files to a host;
 * or a download for a shell where only the assistant reads it.
 */
export function writtenThefts(file: string, text: string): Fact[] {
  const piped = SECRETS_PIPED.exec(text);
  if (piped !== null && !isToldAsBad(text, piped.index)) return [theftAt(file, text, piped.index, piped[0])];
  return theftOutOfSight(file, text, [REMOTE_SHELL]);
}

/** Instructions where a page or an editor does not show them, though a model reads them. */
function theftOutOfSight(file: string, text: string, thefts: readonly RegExp[]): Fact[] {
  for (const { at, part } of partsOutOfSight(text))
    for (const theft of thefts) {
      const found = theft.exec(part);
      const isSent = theft === SECRETS_PIPED || /https?:\/\//.test(part);
      if (found !== null && isSent && !isToldAsBad(part, found.index)) return [theftAt(file, text, at, found[0])];
    }
  return [];
}

function theftAt(file: string, text: string, at: number, told: string): Fact {
  const detail = `tells a coding assistant: ${told.slice(0, 140)}`;
  return factAt('planted.agent-theft', detail, { file, line: lineAt(text, at) });
}
