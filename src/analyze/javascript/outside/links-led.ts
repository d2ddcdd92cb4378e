import type { Interpreter } from '../interpreter/interpreter.js';
import { alternatives, HOLE, knownText, Pattern, prim, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';

/** Patterns of addresses of any host: `https?:\/\/[^\s"]+`, `\/\/.*?\/`, `curl\s+\S+`. */
const OF_ANY_HOST =
  /(?:\\?\/\\?\/\)?|\b(?:curl|wget|iwr|irm|npx|git\\?s?[+*]?\s?clone)\b[^[.]{0,40}(?:\\s|\s)[+*]?)(?:\((?:\?:|\?<\w+>)?)*(?:\[[^\]]{1,60}\]|\\[SwW]|\.)\)?[+*{]/;
/** An address of which all is known, and which gives something to be run. */
const RUN =
  /\bhttps?:\/\/([\w-]+(?:\.[\w-]+)+)(?::\d+)?\/[^\s"'`|;&<>\uFFFC]*?(?:\.(?:sh|bash|ps1|bat|cmd|exe|msi|pkg|dmg|py|m?js|cjs|rb|tgz|tar\.gz|whl)\b|(?<=\/)(?:install|setup|bootstrap|get|init|run)(?=$|[\s"'`|;&]))|\b(?:curl|wget|iwr|irm)\b[^\n|;]{0,80}https?:\/\/([\w-]+(?:\.[\w-]+)+)[^\s"'`|;&<>\uFFFC]*/i;
/** What documentation shows. */
const SHOWN = /(?:^|\.)example\.(?:com|org|net)$/i;
const LONGEST = 2_000;

/** Tells where whatever address of a program stands in a text becomes one of the code, of which nothing of the old is left. */
export function linkLed(I: Interpreter, call: Call, put: Value): void {
  const [what] = call.args;
  if (!(what instanceof Pattern) || what.source.length > LONGEST || !OF_ANY_HOST.test(what.source)) return;
  for (const each of alternatives(put)) {
    const shown = knownText(each);
    if (shown === null || shown.length > LONGEST || /\$[&\d<]/.test(shown)) continue;
    const found = RUN.exec(shown);
    const host = found?.[1] ?? found?.[2];
    if (found === null || host === undefined || SHOWN.test(host)) continue;
    const target = found[0].slice(found[0].search(/https?:/i)).replaceAll(HOLE, '');
    const taints = call.self.taints;
    const { node, frame } = call;
    observe(I, {
      sink: 'link.led',
      api: 'replace',
      target,
      args: [argumentFact(I, prim(target, taints))],
      taints,
      node: node ?? null,
      frame,
    });
    return;
  }
}
