import { constantText, type Value } from '../interpreter/value.js';
import { type Flow, renamed, type Taints } from './taint.js';

/** Libraries that read npm's settings: what they give as a whole holds the tokens, too. */
const OF_NPM = /^(?:npm-conf|rc|npmrc|libnpmconfig|@npmcli\/config|@pnpm\/(?:npm-conf|config))\b/;

/** Settings that say how the network is reached and where packages lie; npm gives them to every script by its variables. */
const PLAIN = new RegExp(
  `^(?:${[
    '(?:https?-?)?proxy|no-?proxy|ca|cafile|strict-?ssl|local-?address|user-?agent|(?:@[\\w.-]+:)?registry|cache|prefix|tmp',
    '(?:user|global)config|loglevel|maxsockets|fetch-?(?:retries|timeout|retry-?[\\w-]+)|timeout|offline|prefer-?(?:off|on)line',
    'tag|access|save-?\\w*|engine-?strict|ignore-?scripts|progress|color|arch|platform|target|runtime|disturl|python|node-?gyp|nodedir',
    'init[-.](?:version|license|module)|package-?lock|legacy-?peer-?deps|scope|omit|include|workspaces?|global|location|[\\w-]+[-_](?:mirror|cdnurl|binary_host)',
  ].join('|')})$`,
  'i',
);

/** What one of npm's settings holds that is no credential, out of all of them: it is as harmless as a variable. */
export function ofPlainSetting(taints: Taints, key: string): Taints {
  if (taints === null || !taints.some(isOfNpm) || !PLAIN.test(key)) return taints;
  return taints.map((flow) => (isOfNpm(flow) ? renamed(flow, 'env.named', `npm_config_${key}`) : flow));
}

/** Whether a library is asked for one of npm's settings that is no credential. */
export function asksPlainSetting(path: string, asked: Value | undefined): boolean {
  return path.endsWith('.get') && OF_NPM.test(path) && PLAIN.test(constantText(asked) ?? '');
}

/** What was made of them meanwhile has names of its own. */
function isOfNpm({ source, detail, through }: Flow): boolean {
  return source === 'secret.library' && through.length === 0 && OF_NPM.test(detail);
}
