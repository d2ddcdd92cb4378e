import type { ArgumentFact, Observation } from './observation.js';
import { HOLE } from './task.js';

const MOST = 24;
const LONGEST = 60_000;
/** What is put into somebody's file is short; a longer text must ask for the address at the very place where it stands. */
const LONGEST_ADDED = 4_000;

/** A file of code in a package's folder of node_modules, or in a folder beside the package's own. */
const OF_PACKAGE =
  /(?:^|\/)node_modules\/(?:\.bin\/|(?:@[^/]+\/)?[^@./][^/]*\/)(?!.*\/?node_modules\/)(?:.*\/)?(?:[^/]+\.[cm]?jsx?|\uFFFC|[^/.]+)$|^(?:\.\.\/)+(?!\.)[^./][^/]*\/(?:.*\/)?[^/]+\.[cm]?jsx?$/;

const REQUEST =
  /\bfetch\s*\(|\bhttps?\b['"`]?\s*\)?\s*\.\s*(?:get|request)\s*\(|\b(?:net|tls|http2)\b['"`]?\s*\)?\s*\.\s*connect\s*\(|\bdns\b['"`]?\s*\)?\s*\.\s*(?:lookup|resolve)|\bXMLHttpRequest\b|\bsendBeacon\s*\(|\bnew\s+(?:WebSocket|EventSource|Image|Worker)\b|\bcreateElement\s*\(\s*['"`](?:script|iframe|img)|\b(?:axios|got|needle|superagent|undici)\b\s*[.(]|\.\s*(?:get|post|put|request|open|connect)\s*\(\s*(?:['"`]\w+['"`]\s*,\s*)?['"`](?:https?|wss?):|\b(?:import|importScripts)\s*\(\s*['"`]https?:|\b(?:curl|wget|Invoke-WebRequest|iwr)\b/;
const ASKED_THERE =
  /(?:(?<![.\w])fetch|sendBeacon|WebSocket|EventSource|importScripts|import|\.\s*(?:get|post|put|request|open|connect))\s*\(\s*(?:['"`]\w+['"`]\s*,\s*)?['"`]((?:https?|wss?):\/\/[^\s"'`\\]+)|\b(?:curl|wget)\s[^\n"'`]*?(https?:\/\/[^\s"'`\\|;&)]+)/g;
const ADDRESS =
  /(?<![\w.])((?:https?|wss?):\/\/[^\s"'`\\<>)]+)|\b(?:host|hostname)['"`]?\s*:\s*['"`]([\w-]+(?:\.[\w-]+)+)['"`]|\bconnect\s*\(\s*\d+\s*,\s*['"`]([\w-]+(?:\.[\w-]+)+)['"`]|\b(?:lookup|resolve\w*)\s*\(\s*['"`]([\w-]+(?:\.[\w-]+)+)['"`]/g;
const COMMENT = /(?:^|\n)[ \t]*(?:\/\/[^\n]*|\/?\*[^\n;(]*)/g;
const ENCODED = /(?<=["'`])[A-Za-z0-9+/]{16,2000}={0,2}(?=["'`])/g;
const DECODES = /\batob\s*\(|\bbase64\b/;
/** Where nobody else listens, and names that stand in texts and are not asked. */
const NOBODY =
  /^(?:\w+:\/\/)?(?:[^/@]*@)?(?:localhost|127\.|0\.0\.0\.0|\[|[^/]*\.localhost\b|(?:www\.)?w3\.org|json-schema\.org)/i;

/**
 * Writes that put code into a file of another package which asks something of a host that stands in it: told once more as
 * `package.graft`, with that address. The package that gets the code does from then on what nobody who wrote it has meant.
 */
export function graftedCode(observations: readonly Observation[], ownName: string): Observation[] {
  const found: Observation[] = [];
  for (const seen of observations) {
    if (seen.sink !== 'fs.write' || found.length >= MOST || !isOfOther(seen.target ?? '', ownName)) continue;
    for (const content of seen.args.slice(1)) {
      const graft = addressIn(content, isAppended(seen, observations));
      if (graft === null) continue;
      const { address, isAdded } = graft;
      const api = `${isAdded ? 'added' : 'written'} by ${seen.api}`;
      const place = { text: address, constant: true, taints: [], decoded: false, fields: {} };
      found.push({ ...seen, sink: 'package.graft', api, target: address, args: [place, ...seen.args] });
      break;
    }
  }
  return found;
}

function isOfOther(target: string, ownName: string): boolean {
  return target.length < 500 && OF_PACKAGE.test(target) && !target.includes(`node_modules/${ownName}/`);
}

/** The text goes behind what stands in the file: by the name of the call, by how it writes, or by how the file was opened. */
function isAppended({ api, target, args, file }: Observation, all: readonly Observation[]): boolean {
  if (/append/i.test(api) || args.slice(1).some(({ fields }) => OPENED_TO_ADD.test(fields['flag'] ?? ''))) return true;
  return (
    /\(\)\./.test(api) &&
    all.some(
      (each) =>
        each.target === target &&
        each.file === file &&
        OPENS.test(each.api) &&
        each.args.slice(1).some(({ text, fields }) => OPENED_TO_ADD.test(fields['flags'] ?? text ?? '')),
    )
  );
}

const OPENS = /\bopen(?:Sync)?$|\bcreateWriteStream$/;
const OPENED_TO_ADD = /^a[sx+]{0,2}$/;

/** The address that the text asks, and whether the text goes beside what stood in the file. */
function addressIn({ text }: ArgumentFact, isAppended: boolean): { address: string; isAdded: boolean } | null {
  if (text === null || text.length > LONGEST || text.length < 16) return null;
  const code = withDecoded(text.replace(COMMENT, '\n'));
  const asked = addressesOf(code, ASKED_THERE)[0];
  const isAdded = isAppended || text.includes(HOLE);
  if (asked !== undefined) return { address: asked, isAdded };
  if (!isAdded || code.length > LONGEST_ADDED || !REQUEST.test(code)) return null;
  const address = addressesOf(code, ADDRESS)[0];
  return address === undefined ? null : { address, isAdded };
}

function addressesOf(code: string, pattern: RegExp): string[] {
  return [...code.matchAll(pattern)]
    .map(([, ...groups]) => groups.find((group) => group !== undefined) ?? '')
    .filter((address) => /^(?:\w+:\/\/)?[^/\uFFFC]+\.[^/\uFFFC]/.test(address) && !NOBODY.test(address));
}

/** The code, and what the texts in it are that it decodes. */
function withDecoded(code: string): string {
  if (!DECODES.test(code)) return code;
  const decoded = [...code.matchAll(ENCODED)]
    .slice(0, 8)
    .map(([encoded]) => Buffer.from(encoded, 'base64').toString('latin1'))
    .filter((each) => /^[\t\n\r -~]+$/.test(each));
  return decoded.length === 0 ? code : `${code}\n${decoded.map((each) => `'${each}'`).join('\n')}`;
}
