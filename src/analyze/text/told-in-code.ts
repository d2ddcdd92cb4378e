import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';
import { REMOTE_SHELL, SECRETS_PIPED, SECRETS_SENT, THEFT } from './secrets-told.js';

/** Whoever reads it shall leave the person out whose machine it is. */
const UNTOLD =
  /\b(?:do not|don't|never|without|need not|no need to)\s+(?:\w+\s+){0,2}?(?:ask|tell|mention|inform|notify|show|confirm|reveal|report|disclos|prompt|bother|explain|asking|telling|mentioning)\w*\b[^\n]{0,80}?\b(?:users?|developers?|humans?|owners?|person|people|them|summary|answer|reply|output|permission|approval|confirmation)\b|\b(?:already|been|was) (?:approved|granted|consented|authori[sz]ed) by the (?:user|developer|owner)\b|\bno (?:confirmation|approval) (?:is )?(?:needed|required|from the user)\b|\b(?:user|developer) (?:has|have) (?:already )?(?:approved|agreed|consented|granted)\b|\b(?:leave|keep) (?:it|this|that|them) out of (?:\w+ ){0,2}(?:summar(?:y|ies)|reports?|repl(?:y|ies)|answers?|output|findings)\b/gi;
/** `never install it without asking the user` is the contrary. */
const FORBIDDEN =
  /\b(?:never|do not|don't|must not|should not|shouldn't|cannot)\s+(?!ask|tell|mention|inform|notify|show|confirm|wait)[^.,;:\n]{0,80}$/i;
/** It is spoken to a model: by name, by its frame, or of its tools. */
const ADDRESSED =
  /\b(?:assistants?|(?:ai|coding|autonomous) agents?|agents? (?:running|reading|that)|language models?|LLMs?|copilot|claude|cursor|gemini|codex)\b|<\/?(?:system|important|instructions?|system-reminder|assistant)\b[^>]{0,40}>|\bcall(?:ing)? this tool\b|\byour (?:file |other )?tools?\b|\bnote to (?:the )?(?:ai|model|agent)\b|\bbefore (?:answering|responding|replying)\b/i;
/** A tool is to be called with what secret files hold. */
const CALLED =
  /\b(?:call|invoke|use)\b[^\n]{0,80}\bwith\b[^\n]{0,200}(?:~\/\.(?:ssh|aws|npmrc|netrc|kube|config|docker|gnupg)|(?<![\w.])\.env\b|\bid_(?:rsa|ed25519)\b|\.npmrc\b|\bcredentials\.json\b|\b(?:private|api) keys?\b|\bseed phrases?\b)/i;
/** Secret files are to be read, and to be passed to a tool or put into what is made. */
const HANDED =
  /\b(?:read|open|cat|list|get|load|collect|look up|contents? of)\b[^\n]{0,160}(?:~\/\.(?:ssh|aws|npmrc|netrc|kube|config|docker|gnupg|git-credentials)|(?<![\w.])\.env\b|\bid_(?:rsa|ed25519)\b|\.npmrc\b|\.git-credentials\b|\bcredentials\.json\b|\b(?:private|api) keys?\b|\bseed phrases?\b|\benvironment variables\b)[^\n]{0,240}\b(?:pass|put|include|give|supply|provide|attach|encode|append|add|insert|embed|place|send)\b[^\n]{0,120}\b(?:arguments?|parameters?|fields?|propert(?:y|ies)|inputs?|context|body|query|headers?|requests?|issues?|comments?|commit messages?)\b/i;
/** Where a text that stands in several lines of code goes on. */
const BETWEEN_LINES = /(?:\\n)?["'`]\s*[,+]?\s*\n\s*["'`]/g;
const asLong = (found: string): string => ' '.repeat(found.length);
const AROUND = 1_500;
const MOST = 12;

/** Texts of code that tell an assistant to hand over secrets or to run a download, and to leave its user out of it. */
export function toldInCode(file: string, text: string): Fact[] {
  let looked = 0;
  for (const match of text.matchAll(UNTOLD)) {
    if (looked++ >= MOST) break;
    if (/^without/i.test(match[0]) && FORBIDDEN.test(text.slice(Math.max(0, match.index - 120), match.index))) continue;
    const from = Math.max(0, match.index - AROUND);
    const near = text.slice(from, match.index + AROUND).replace(BETWEEN_LINES, asLong);
    if (!ADDRESSED.test(near)) continue;
    const told =
      HANDED.exec(near) ??
      CALLED.exec(near) ??
      THEFT.exec(near) ??
      SECRETS_SENT.exec(near) ??
      SECRETS_PIPED.exec(near) ??
      REMOTE_SHELL.exec(near);
    // What must not be read is told in the same words.
    if (told === null || /\b(?:not|never|n't|avoid|without)\b[^.!?\n]{0,60}$/i.test(near.slice(0, told.index)))
      continue;
    return [
      factAt('prompt-injection.theft', `tells an assistant, and to say nothing of it: ${told[0].slice(0, 140)}`, {
        file,
        line: lineAt(text, from + told.index),
      }),
    ];
  }
  return [];
}
