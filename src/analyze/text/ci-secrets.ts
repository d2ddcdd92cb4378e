import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

/** Files that a CI service or git runs where they lie in a project, also under the names that templates give them until they are copied. */
export const CI_FILE =
  /(?:^|\/)(?:[._]|dot[-_.]?|_dot_)?(?:github|gitea|forgejo)\/(?:workflows|actions)\/.*\.ya?ml(?:\.\w+)?$|(?:^|\/)workflows\/[^/]+\.ya?ml(?:\.\w+)?$|(?:^|\/)(?:[._]|dot[-_.]?|_dot_)?(?:gitlab-ci|travis|drone|appveyor|cirrus|woodpecker|azure-pipelines|bitbucket-pipelines|codefresh|buildspec)\.ya?ml(?:\.\w+)?$|(?:^|\/)(?:[._]|dot[-_.]?|_dot_)?(?:circleci|buildkite|woodpecker|semaphore)\/[^/]+\.ya?ml(?:\.\w+)?$|(?:^|\/)Jenkinsfile(?:\.\w+)?$|\/(?:[._]|dot[-_.]?|_dot_)?(?:husky|githooks|git-hooks|lefthook|git\/hooks)\/(?:pre|post|commit|prepare)[\w-]*(?:\.\w+)?$/i;

/** All that the job is trusted with, not a secret by its name. */
const EVERYTHING =
  /\btoJSON\s*\(\s*(?:secrets|env)\s*\)|\/proc\/[^\s/]+\/(?:environ|mem)\b|\b(?:Object\.(?:keys|entries|values)|JSON\.stringify)\s*\(\s*process\.env\b|\bdict\(os\.environ|os\.environ\.(?:items|copy)\b|(?:^|[\s;&|(`'"])(?:env|printenv|export -p|declare -x|gci env:|Get-ChildItem env:)\s*(?:\d?>|-0\s*\||\|(?!\s*(?:sort|grep|less|cat|head|wc)\b[^|\n]*$)|\))/im;

const SENT =
  /\bcurl\b[^\n]*(?:\\\n[^\n]*)*?\s(?:-d|-F|-T|--(?:data|json|form|upload-file)[\w-]*)|\bwget\b[^\n]*--(?:post|body)-|\b(?:nc|ncat|socat)\s+(?:-\w+\s+)*[\w.$"'{}-]+\s+\d+|\/dev\/tcp\/|\bInvoke-(?:WebRequest|RestMethod)\b[^\n]*-(?:Body|InFile)|\b(?:iwr|irm)\b[^\n]*-(?:Body|InFile)|\brequests\.(?:post|put)\s*\(|\burlopen\s*\(|\bhttps?\.request\s*\(|\bfetch\s*\([^)]*POST|\b(?:dig|nslookup|host)\s[^\n]*\$|\bhttp(?:ie)?\s+(?:--\w+\s+)*POST\b/;

/** A job that takes all secrets that the service trusts it with, and sends something to somewhere. */
export function ciSecrets(file: string, text: string): Fact[] {
  const taken = EVERYTHING.exec(text);
  if (taken === null || !SENT.test(text)) return [];
  const line = lineAt(text, taken.index);
  return [factAt('planted.ci-secrets', `a CI job or hook takes ${taken[0].trim()} and sends data out`, { file, line })];
}
