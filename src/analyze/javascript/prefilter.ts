import { posix } from 'node:path';
import type { ModuleLoader } from './modules.js';

/** Names without which no code reaches anything outside: modules, globals, ways to run text, ways to spell names indirectly. */
const TOKENS = new RegExp(
  [
    String.raw`\bchild_process\b|\bprocess\s*(?:\.\s*(?:env|binding|dlopen|mainModule|kill|_linkedBinding|getBuiltinModule)|\[|\?\.)`,
    String.raw`\beval\b|\bFunction\s*\(|\.\s*constructor\b|['"\x60]constructor['"\x60]|\b_compile\b|\b_load\b|\bexecScript\b`,
    String.raw`['"\x60](?:node:)?(?:https?|http2|net|tls|dgram|dns|dns/promises|vm|worker_threads|inspector|cluster|module|repl)['"\x60]`,
    String.raw`['"\x60](?:axios|got|request|needle|superagent|undici|node-fetch|ws|socket\.io-client|nodemailer|ssh2|execa|shelljs|cross-spawn|zx|follow-redirects|cross-fetch|ky|puppeteer|systeminformation|clipboardy|node-machine-id|keytar|ethers|web3|phin|bent|download|form-data|basic-ftp|ftp|mqtt|amqplib|discord\.js|node-telegram-bot-api|telegraf|gaxios|superagent|urllib|wreck|hyperquest|sync-request|simple-get|make-fetch-happen|glob|fast-glob|globby|tinyglobby|node-pty|ssh2-sftp-client|tslib|screenshot-desktop|iohook|node-global-key-listener)['"\x60]`,
    String.raw`\bfetch\s*(?:\(|=[^=]|\.)|['"\x60]fetch['"\x60]|\bXMLHttpRequest\b|\bWebSocket\b|\bsendBeacon\b|\bEventSource\b|new\s+Image\b|\bRTCPeerConnection\b|\bimportScripts\b`,
    String.raw`\bhomedir\b|\buserInfo\b|\bhostname\s*\(|\.npmrc|\.ssh\b|id_rsa|\.aws\b|\.env\b['"\x60]|\.netrc|169\.254\.`,
    String.raw`\b(?:write|append)File|createWriteStream|\bunlink|\brmSync|\brm\s*\(|\bchmod|\bsymlink|\brmdir|\boutputFile|\bcopyFile`,
    String.raw`\bethereum\b|\bsolana\b|\bclipboard\b|document\s*\.\s*(?:cookie|addEventListener|write|querySelector|createElement)|\blocalStorage\b|\bkeydown\b|\bBun\b|\bDeno\b`,
    String.raw`\brequire\s*\(\s*(?!['"\x60][^'"\x60]+['"\x60]\s*\))|\brequire\s*\(\s*['"\x60][^'"\x60]*(?:\\x|\\u)|\bimport\s*\(\s*(?!['"\x60][^'"\x60]+['"\x60]\s*\))|\bmodule\s*\[|require\s*[;,)\]]|\bmodule\.require\b|createRequire`,
    String.raw`\bglobalThis\s*\[|\bglobal\s*\[|\bwindow\s*\[|\bself\s*\[|\bthis\s*\[\s*['"\x60]|\bReflect\s*\.\s*(?:get|apply|construct)|new\s+Proxy\b|\bwith\s*\(`,
    String.raw`_0x[0-9a-fA-F]{2}|(?:\\x[0-9a-fA-F]{2}){3}|(?:\\u00[0-9a-fA-F]{2}){3}|\[\]\s*\[|\]\s*\[\s*\(|\bfromCharCode\b|\bfromCodePoint\b|\batob\b|[A-Za-z0-9+/]{200}`,
    String.raw`\bset(?:Timeout|Interval)\s*\(\s*['"\x60]|data:text/javascript|while\s*\(\s*(?:true|1|!!\[\]|!0)\s*\)|for\s*\(\s*;\s*;|Infinity`,
    String.raw`\.prototype\s*\.\s*(?:send|open|write|emit|request|require|then|push)\s*=|\bconsole\s*\.\s*\w+\s*=|\$\$\$\$`,
  ].join('|'),
);

const EVERY_TOKEN = new RegExp(TOKENS.source, 'g');

/** Characters that are not seen or stand for letters in encoders. */
const HIDDEN = /[\u{e0100}-\u{e01ef}\ufe00-\ufe0f]{3}|\uff9f\u03c9\uff9f/u;
const OUTSIDE_LATIN = /[\ud800-\udfff]|[\ufe00-\ufe0f]|\uff9f/;

const LITERAL_SPEC =
  /\b(?:require|import)\s*\(\s*['"`]([^'"`\n]+)['"`]\s*\)|\bfrom\s*['"]([^'"\n]+)['"]|\bimport\s*['"]([^'"\n]+)['"]|(?:new URL|resolve|join)\([^()]{0,60}['"`](\.[^'"`\n]+\.[cm]?js)['"`]/g;

const SCRIPT = /\.(?:[cm]?[jt]sx?)$|(^|\/)[^./]+$/;
const interesting = new WeakMap<ModuleLoader, Map<string, boolean>>();

/** True where a text could reach anything outside of the language itself, or hides that it does. */
export function hasTokens(code: string): boolean {
  return TOKENS.test(code) || (OUTSIDE_LATIN.test(code) && HIDDEN.test(code));
}

const WHOLE = 1_000_000;
const places = new WeakMap<ModuleLoader, Map<string, { starts: number[]; ends: number[]; hidden: boolean }>>();

/** Whether the part of a file from one offset to another names anything that matters; the file is searched once for all parts. */
export function hasTokensWithin(loader: ModuleLoader, path: string, from: number, to: number): boolean {
  let map = places.get(loader);
  if (map === undefined) {
    map = new Map();
    places.set(loader, map);
  }
  let known = map.get(path);
  if (known === undefined) {
    const code = loader.text(path) ?? '';
    // Of a file that is read in parts only few functions are asked for.
    if (code.length > WHOLE) return hasTokens(code.slice(from, to));
    known = { starts: [], ends: [], hidden: OUTSIDE_LATIN.test(code) && HIDDEN.test(code) };
    for (const match of code.matchAll(EVERY_TOKEN)) {
      known.starts.push(match.index);
      known.ends.push(match.index + match[0].length);
    }
    map.set(path, known);
  }
  // The first token that ends behind the beginning is the only one to look at.
  let low = 0;
  let high = known.ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((known.ends[middle] as number) > from) high = middle;
    else low = middle + 1;
  }
  return known.hidden || (known.starts[low] ?? Number.POSITIVE_INFINITY) < to;
}

/** Whether a file, or one that it loads, names anything that matters. */
export function leadsOutside(loader: ModuleLoader, path: string): boolean {
  let map = leading.get(loader);
  if (map === undefined) {
    map = new Map();
    leading.set(loader, map);
  }
  const known = map.get(path);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const queue = [path];
  let found = false;
  while (queue.length > 0 && !found) {
    const at = queue.pop() as string;
    if (seen.has(at)) continue;
    seen.add(at);
    found = map.get(at) ?? isInteresting(loader, at);
    if (!found && map.get(at) === undefined) queue.push(...filesLoadedBy(loader, at));
  }
  if (found) map.set(path, true);
  else for (const each of seen) map.set(each, false);
  return found;
}

const leading = new WeakMap<ModuleLoader, Map<string, boolean>>();

/** Whether a file of the package names anything that matters. */
export function isInteresting(loader: ModuleLoader, path: string): boolean {
  let map = interesting.get(loader);
  if (map === undefined) {
    map = new Map();
    interesting.set(loader, map);
  }
  let known = map.get(path);
  if (known === undefined) {
    const code = loader.text(path);
    known = code !== null && hasTokens(code);
    map.set(path, known);
  }
  return known;
}

/** Files of the package that an entry loads, found by the specifiers that stand in their texts. */
export function closureOf(loader: ModuleLoader, entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...entries];
  while (queue.length > 0) {
    const path = queue.pop() as string;
    if (seen.has(path)) continue;
    seen.add(path);
    for (const found of filesLoadedBy(loader, path)) if (!seen.has(found)) queue.push(found);
  }
  return seen;
}

function filesLoadedBy(loader: ModuleLoader, path: string): readonly string[] {
  if (!SCRIPT.test(path)) return [];
  const code = loader.text(path);
  return code === null ? [] : loadedBy(loader, path, code);
}

const loadedFiles = new WeakMap<ModuleLoader, Map<string, string[]>>();

/** Files of the package whose specifiers stand in a file. */
function loadedBy(loader: ModuleLoader, path: string, code: string): string[] {
  let map = loadedFiles.get(loader);
  if (map === undefined) {
    map = new Map();
    loadedFiles.set(loader, map);
  }
  let known = map.get(path);
  if (known === undefined) {
    const out = new Set<string>();
    for (const match of code.matchAll(LITERAL_SPEC)) {
      const spec = match[1] ?? match[2] ?? match[3] ?? match[4];
      if (spec === undefined) continue;
      const found =
        loader.resolve(spec, path) ?? loader.resolve(`./${posix.join(posix.dirname(path), spec)}`, 'package.json');
      if (found !== null) out.add(found);
    }
    known = [...out];
    map.set(path, known);
  }
  return known;
}
