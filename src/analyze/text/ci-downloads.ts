import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

const FETCH = String.raw`\b(?:curl|wget|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b`;
/** An address, or the variable that has it. */
const ADDRESS = String.raw`(https?:\/\/[^\s"'\`|)<>;]+|\$\{\{\s*env\.\w+\s*\}\}|\$(?:env:)?\{?[A-Za-z_]\w*\}?)`;
const PROGRAM = String.raw`(?:\S*\/)?(?:(?:ba|z|da|k)?sh|node|python3?|perl|ruby|php|iex|Invoke-Expression|powershell|pwsh)\b`;

/** What fetches and runs in one: piped, substituted, or by PowerShell's `iex`. */
const RUN_AT_ONCE = [
  new RegExp(
    String.raw`${FETCH}[^\n|;&]{0,300}?${ADDRESS}[^\n|;&]{0,200}\|\s*(?:sudo\s+(?:-\w+\s+){0,4})?(?:env\s+\S+\s+)?${PROGRAM}`,
    'gi',
  ),
  new RegExp(
    String.raw`\b(?:${PROGRAM}|eval|source|\.)\s+(?:-\w+\s+)?["']?(?:<\(|\$\()\s*${FETCH}[^\n)]{0,300}?${ADDRESS}`,
    'gi',
  ),
  /\b(?:iex|Invoke-Expression)\b[^\n]{0,200}?(https?:\/\/[^\s"'`|)<>;]+)/gi,
];
/** What is fetched into a file. */
const KEPT = new RegExp(
  String.raw`${FETCH}(?=[^\n]{0,300}?${ADDRESS})[^\n]{0,300}?\s(?:-[a-z]*o|-O|--output(?:-document)?|-OutFile)[ =]?["']?([^\s"';&|]+)`,
  'gi',
);

const MOST = 8;

/** Jobs of a CI file that run what a host in the file answers, one fact for each host; `isOwn` tells the package's own hosts. */
export function ciDownloads(file: string, text: string, isOwn: (host: string, url: string) => boolean): Fact[] {
  const folded = text.replace(/\\\n\s*/g, (joined) => ' '.repeat(joined.length));
  const found = new Map<string, number>();
  const note = (address: string, at: number): void => {
    const url = addressIn(address, text);
    const host = /^https?:\/\/(?:[^/@\s]*@)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/:?#]|$)/i
      .exec(url ?? '')?.[1]
      ?.toLowerCase();
    if (url !== null && host !== undefined && found.size < MOST && !found.has(host) && !isOwn(host, url))
      found.set(host, at);
  };
  for (const pattern of RUN_AT_ONCE) for (const match of folded.matchAll(pattern)) note(match[1] ?? '', match.index);
  for (const match of folded.matchAll(KEPT)) {
    const name = (match[2] ?? '').replace(/[^\w./-]/g, '\\$&');
    const starts = new RegExp(
      String.raw`(?:^|[\s;&|])(?:sudo\s+)?(?:${PROGRAM}\s+|chmod\s+\S+\s+|\.\/|&\s*)["']?(?:\.\/)?${name}(?![\w./-])`,
      'i',
    );
    if (starts.test(folded.slice(match.index + match[0].length))) note(match[1] ?? '', match.index);
  }
  return [...found].map(([host, at]) =>
    factAt('planted.ci-download', `a CI job or hook runs what ${host} answers`, { file, line: lineAt(text, at) }),
  );
}

/** The address that a variable of the file has; null where it does not stand there. */
function addressIn(address: string, text: string): string | null {
  if (/^https?:/i.test(address)) return address;
  const name = /(\w+)\W*$/.exec(address)?.[1];
  if (name === undefined) return null;
  return (
    new RegExp(String.raw`(?:^|[\s;&{,])["']?${name}["']?\s*[:=]\s*["']?(https?:\/\/[^\s"',}]+)`).exec(text)?.[1] ??
    null
  );
}
