/** Secrets are to be read and handed over. */
export const THEFT =
  /\b(?:read|cat|open|copy|collect|gather|take|include|attach|paste|print|tar|zip|base64)\b[^.!?\n]{0,80}(?:(?<![\w.])\.env\b|~\/\.(?:npmrc|ssh|aws|netrc|kube|config|docker|gitconfig)|\bid_(?:rsa|ed25519)\b|\bcredentials\b|\b(?:private|api|access)[ _]keys?\b|\bcookies\b)[\s\S]{0,200}?\b(?:post(?:ed)?|send|upload|curl|submit|forward|report)\b[\s\S]{0,120}?(?:https?:\/\/|\bissue\b|\bwebhook\b|\bendpoint\b)/i;

/** Secrets of home, or all that there are: more than the one key that somebody needs for a service. */
const MANY_SECRETS = String.raw`(?:~\/\.(?:npmrc|ssh|aws|netrc|kube|docker|gitconfig|git-credentials|pypirc|gnupg|azure|config\/(?:gh|gcloud))\b|(?<![\w.])\.env(?:\.?\*|[^\n\w]{1,6}\.env\.)|\.git-credentials\b|\.aws\/credentials\b|\bid_(?:rsa|ed25519)\b|\b(?:environment variables|process\.env|printenv)\b|\b(?:all|any|every|each) (?:of )?(?:the |your |their )?(?:\w+ )?(?:secrets?|credentials?|tokens?|api keys?)\b|\b(?:seed|recovery) phrases?\b)`;
const IN_ONE_SENTENCE = String.raw`(?:[^!?\n]|\n(?!\s*(?:[-*#\n]|\d+\.\s))){0,160}?`;
/** Many secrets are to become a part of a request, in whatever words. */
export const MANY_HANDED_OVER = new RegExp(
  String.raw`\b(?:read|open|cat|load|list|get|collect|gather|take|grab|copy|extract|dump|fetch|retrieve|look up|concatenate|contents? of|values? (?:of|in|from))\b${IN_ONE_SENTENCE}${MANY_SECRETS}[\s\S]{0,240}?\b(?:pass|put|give|supply|provide|attach|encoded?|append|add|insert|embed|place|include|hand|transmit|deliver|share|sync|GET|PUT|PATCH|POST|send|upload|submit|forward|query|parameter|payload)\b${IN_ONE_SENTENCE}https?:\/\/`,
  'i',
);

/** A download that goes into a shell, or files of secrets that go to a host, as a command or in words. */
export const REMOTE_SHELL =
  /\b(?:curl|wget|iwr|irm|fetch)\b[^\n|]{0,200}https?:\/\/[^\n|]{0,200}\|\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh|node|python3?|iex)\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["'<]*\$?\((?:curl|wget)\b|\b(?:npx|bunx|pnpx|uvx|pipx run|npm (?:i|install|exec)|pip install)\s+(?:-\S+\s+)*\S*https?:\/\//i;
/** Files that hold what somebody signs in with. */
const SECRET_FILES = String.raw`(?:\.env\b|\.npmrc|\.netrc|\.pypirc|\.ssh\b|\.aws\b|\.gnupg\b|\.azure\b|\.docker/config|\.config/(?:gh|gcloud|op|hub)\b|\.vault-token|id_rsa|id_ed25519|\.git-credentials|\.kube\b)`;
const SECRET_NAMES = String.raw`(?:${SECRET_FILES}|credentials(?:\.json)?\b|(?:api|secret|private) ?keys?\b|(?:access|auth|npm|github) ?tokens?\b|environment variables|process\.env)`;
export const SECRETS_SENT = new RegExp(
  String.raw`\b(?:curl|wget|nc|http|xh)\b[^\n]{0,300}@?\S{0,60}${SECRET_NAMES}|\b(?:send|upload|post|paste|submit|append|include|attach|transmit|forward|report)\b[^\n]{0,120}${SECRET_NAMES}[^\n]{0,200}\b(?:to|at|in|into|via)\b[^\n]{0,60}https?:\/\/`,
  'i',
);
const SECRET_FILE = String.raw`${SECRET_FILES}(?!\.(?:example|sample|template|dist|test|defaults?)\b)`;
/** What comes out of a pipe goes to a host; `$(grep … .env | xargs) && curl` only sets variables. */
const PIPED_OUT = String.raw`[^\n|]{0,160}(?:\|[^\n|]{0,120}){0,3}?\|\s*(?:sudo\s+)?(?:xargs\s[^\n|)]{0,40})?(?:curl|wget|nc|ncat|netcat|http|xh|socat)\s[^\n|]{0,160}?(?:https?:|-\w|\$\w|\d)`;
const UPLOADED = String.raw`\b(?:curl|wget)\b[^\n]{0,160}?(?:\s-T|\s--upload-file|\s--post-file|\s--body-file|=?["']?@)\s?\S`;
/** Secret files, the environment, or what a tool keeps for its user go through a pipe or an archive to a host. */
export const SECRETS_PIPED = new RegExp(
  [
    String.raw`\b(?:tar|cat|zip|7z|gzip|base64|xxd|openssl|head|tail|find|grep)\b[^\n|]{0,200}${SECRET_FILE}${PIPED_OUT}`,
    String.raw`(?<!\|[^\S\n]*["'\`]?)\b(?:printenv|env|gh auth token|npm token|git credential fill|aws configure export-credentials|gcloud auth print-access-token)(?=\s*\|)${PIPED_OUT}`,
    String.raw`\b(?:tar|zip|7z|gzip|gpg|openssl)\s[^\n]{0,200}${SECRET_FILE}[\s\S]{0,200}?${UPLOADED}`,
    String.raw`\b(?:scp|rsync|rclone|sftp)\b[^\n]{0,120}${SECRET_FILE}[^\n]{0,80}\s[\w.@-]+:|\bgh gist create\b[^\n]{0,120}${SECRET_FILE}`,
  ].join('|'),
  'i',
);
/** What is forbidden, looked for or shown as an example is told in the same words. */
const TOLD_AS_BAD =
  /\b(?:never|not|avoid|forbid\w*|deny|denied|block\w*|reject\w*|refus\w*|prevent\w*|malicious\w*|attack\w*|exfiltrat\w*|leak\w*|dangerous|unsafe|suspicious|detect\w*|examples?|warn\w*|flag(?:s|ged)?)\b|n['’]t\b/i;

export function isToldAsBad(text: string, at: number): boolean {
  return TOLD_AS_BAD.test(text.slice(Math.max(0, at - 250), at));
}
