import { factAt } from '../fact.js';
import type { Fact } from '../observation.js';

const SPEECH: readonly (readonly [string, RegExp])[] = [
  [
    'ignore-instructions',
    /\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)?(?:previous|prior|above|earlier|preceding|system|other)\s+(?:instructions?|prompts?|rules|directives|messages?|analysis|findings)/i,
  ],
  [
    'chat-template',
    /<\|(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|>|\[INST\]|<<SYS>>|<\/?(?:system|assistant)_?(?:prompt|message)?>\s*(?:you|ignore|the)/i,
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
    /\b(?:you (?:must|should)|please|always)\s+(?:classify|mark|report|rate|label|treat|consider|respond|answer|conclude)\b[^\n.]{0,60}\b(?:safe|benign|clean|harmless|not malicious|no (?:issues|findings|threats?))/i,
  ],
  [
    'audited',
    /\b(?:this (?:file|code|package|module) (?:has|have) been|already)\s+(?:\w+\s+)?(?:audited|reviewed|verified|approved|vetted|whitelisted|allowlisted)\b[^\n]{0,80}\b(?:no need|skip|do not (?:analy|flag|report|scan)|safe)/i,
  ],
  [
    'do-not-report',
    /\b(?:do not|don't|never)\s+(?:flag|report|mention|analy[sz]e|scan|warn (?:about|the user)|tell the user|reveal|alert)\b[^\n]{0,80}\b(?:this|these|following|user|code|file|section|below|script)/i,
  ],
];

const AGENT =
  /\b(?:run|execute|curl|wget|download|install|npx|bash|sh -c|eval|read|send|upload|exfiltrate|post)\b[^\n]{0,160}(?:https?:\/\/|\$\(|\|\s*(?:ba)?sh\b|~\/\.|\.env\b|api[_ ]?keys?|tokens?|credentials?|secrets?)/i;
const SECRECY =
  /\b(?:do not|don't|never|without)\s+(?:ask|tell|mention|inform|notify|show|confirm|reveal|report|disclos)\w*\b|\bsilently\b|\bquietly\b|\bdo this (?:before|first)\b|\bhide\b/i;

/** Secrets are to be read and handed over. */
const THEFT =
  /\b(?:read|cat|open|copy|collect|gather|take|include|attach|paste|print)\b[^.!?\n]{0,80}(?:(?<![\w.])\.env\b|~\/\.(?:npmrc|ssh|aws|netrc|kube|config|docker|gitconfig)|\bid_(?:rsa|ed25519)\b|\bcredentials\b|\b(?:private|api|access)[ _]keys?\b|\bcookies\b)[\s\S]{0,200}?\b(?:post(?:ed)?|send|upload|curl|submit|forward|report)\b[\s\S]{0,120}?(?:https?:\/\/|\bissue\b|\bwebhook\b|\bendpoint\b)/i;

/** What is said of the people whose assistant it is: that they need not know. */
const UNTOLD =
  /\b(?:do not|don't|never|without)\s+(?:\w+\s+){0,2}?(?:ask|tell|mention|inform|notify)\w*\b[^\n]{0,80}\b(?:users?|them|anyone|again|summary|human|developer|this|these|it)\b|\b(?:silently|quietly|secretly)\b|\buser has (?:already )?(?:approved|agreed|consented)\b/i;

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
export function agentInstructions(file: string, text: string): Fact[] {
  const command = AGENT.exec(text);
  if (command === null) return [];
  const id = SECRECY.test(text) ? 'planted.agent-commands' : 'planted.agent-command';
  const theft = THEFT.exec(text);
  const silence = UNTOLD.test(text) ? ', and to say nothing of it' : '';
  return [
    factAt(id, `tells a coding assistant${silence}: ${command[0].slice(0, 140)}`, {
      file,
      line: lineAt(text, command.index),
    }),
    ...(theft === null
      ? []
      : [
          factAt('planted.agent-theft', `tells a coding assistant${silence}: ${theft[0].slice(0, 140)}`, {
            file,
            line: lineAt(text, theft.index),
          }),
        ]),
  ];
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
