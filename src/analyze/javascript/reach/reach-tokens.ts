import { endlessLoops, type TextPlace } from '../parsing/endless-loops.js';
import type { TaintModels } from '../taint/taint-models.js';
import { withoutComments } from './comments.js';
import { BESIDE_FILES, CARRIERS, FILE_CHANGES, HINT, HINTS, POWER, type ReachEntry, TOGETHER } from './reach-table.js';
import { WordSet } from './words.js';

/**
 * What the text of a file shows before it is parsed.
 * - `power`: it names something that acts outside of the language, runs text, or hides what it names.
 * - `carrier`: it names something worth taking out, or decodes; nothing follows from it where no power is near.
 * - `hints`: bits of what is a power only together, in one file or over several.
 */
export interface TextReach {
  power: boolean;
  carrier: boolean;
  hints: number;
}

/** A place in a text that names something that matters; with power it acts. */
export interface TokenPlace extends TextPlace {
  power: boolean;
}

const COMMENT = /\/[/*]/;
const FILE_MODULES = 'fs|fs/promises|fs-extra|graceful-fs';
const OF_FILES = /^(?:fs|graceful-fs)\b/;

/** Finds in texts what could matter, by the names of the taint tables and by what the language offers. */
export class ReachTokens {
  private readonly modules: ReachEntry;
  private readonly bindings: RegExp;
  private readonly power: readonly ReachEntry[];
  private readonly wanted: WordSet;

  constructor(models: TaintModels) {
    const names = moduleNames(models);
    this.modules = { texts: ['require', 'import', 'from', 'node:'], pattern: moduleToken(names) };
    this.bindings = bindingOf(`child_process|${FILE_MODULES}|${names}`);
    this.power = [...POWER, this.modules, ...globalEntries(models)];
    this.wanted = new WordSet([...this.power, ...CARRIERS, ...HINTS].flatMap((entry) => entry.words ?? []));
  }

  /** What a whole text shows. @param bareOf gives the same without comments, null for as it is */
  read(text: string, bareOf: () => string | null = () => bareCode(text)): TextReach {
    let code = text;
    let found = this.wanted.foundIn(code);
    let power = this.power.some((entry) => isIn(entry, code, found));
    let carrier = power || CARRIERS.some((entry) => isIn(entry, code, found));
    const bare = carrier ? bareOf() : null;
    if (bare !== null) {
      code = bare;
      found = this.wanted.foundIn(code);
      power = this.power.some((entry) => isIn(entry, code, found));
      carrier = power || CARRIERS.some((entry) => isIn(entry, code, found));
    }
    if (power || hidesText(code) || endlessLoops(code).length > 0) return { power: true, carrier: true, hints: 0 };
    let hints = 0;
    for (const entry of HINTS) {
      if ((entry.bit & BESIDE_FILES) !== 0 && (hints & HINT.files) === 0) continue;
      if ((hints & entry.bit) === 0 && isIn(entry, code, found)) hints |= entry.bit;
    }
    return { power: isPower(hints), carrier, hints };
  }

  /** Whether a part of a text holds a token that says why a function is worth entering. */
  holds(code: string, withHints: boolean): boolean {
    const { power, carrier, hints } = this.read(code);
    return power || carrier || FILE_CHANGES.pattern.test(code) || (withHints && hints !== 0);
  }

  /** Where the tokens stand that say why a function is worth entering, in order; `withHints` where they are a power together. @param code a text without comments */
  places(code: string, withHints: boolean): TokenPlace[] {
    const found = this.wanted.foundIn(code);
    const places = endlessLoops(code).map((place) => ({ ...place, power: true }));
    const add = (pattern: RegExp, power: boolean) => {
      for (const match of code.matchAll(new RegExp(pattern, 'gm')))
        places.push({ start: match.index, end: match.index + match[0].length, power });
    };
    const powers = [...this.power, FILE_CHANGES];
    const others = [...CARRIERS, ...(withHints ? HINTS : [])];
    for (const entry of powers) if (isIn(entry, code, found)) add(entry.pattern, true);
    for (const pattern of this.boundNames(code)) add(pattern, true);
    for (const entry of others) if (isIn(entry, code, found)) add(entry.pattern, false);
    return places.sort((a, b) => a.end - b.end);
  }

  /** What the names that a file gives to powerful modules and their functions look like where they are used. */
  private boundNames(code: string): RegExp[] {
    const names = new Set<string>();
    for (const match of code.matchAll(this.bindings)) {
      const bound = match[1] ?? match[3] ?? '';
      // Of the file system every program has a name; its functions that change something are tokens.
      if (OF_FILES.test(match[2] ?? match[4] ?? '') && !bound.includes('{')) continue;
      for (const each of bound.split(',')) {
        const name = /([\w$]+)\s*(?:=[^,]*)?[\s})]*$/.exec(each)?.[1];
        if (name !== undefined && name.length > 1) names.add(name.replaceAll('$', '\\$'));
      }
    }
    return names.size === 0 ? [] : [new RegExp(String.raw`(?<![\w$])(?:${[...names].join('|')})(?![\w$])`)];
  }
}

/** A text without its comments; null where it has none, or where one cannot tell what they are. */
export function bareCode(text: string): string | null {
  return COMMENT.test(text) ? withoutComments(text) : null;
}

function isIn({ words, texts, first, pattern }: ReachEntry, code: string, found: ReadonlySet<string>): boolean {
  if (words !== undefined && !words.some((word) => found.has(word))) return false;
  if (texts !== undefined && !texts.some((text) => code.includes(text))) return false;
  if (first !== undefined && !first(code)) return false;
  return pattern.test(code);
}

/** Whether hints that were found beside one another make a power. */
export function isPower(hints: number): boolean {
  return TOGETHER.some((together) => (hints & together) === together);
}

const HIDDEN = /[\u{e0100}-\u{e01ef}\ufe00-\ufe0f]{3}|\uff9f\u03c9\uff9f/u;
const OUTSIDE_LATIN = /[\ud800-\udfff]|[\ufe00-\ufe0f]|\uff9f/;

/** Whether a text holds characters that are not seen, or that stand for letters in encoders. */
export function hidesText(code: string): boolean {
  return OUTSIDE_LATIN.test(code) && HIDDEN.test(code);
}

/** Builtins of Node that do nothing by being loaded: their functions have tokens of their own. */
const QUIET_BUILTINS =
  'fs|os|path|url|util|crypto|events|buffer|assert|stream|string_decoder|perf_hooks|timers|zlib|querystring|async_hooks|process|test|tty|readline|v8|constants|console|punycode|diagnostics_channel';

const QUIET_MODULES = new Set([...QUIET_BUILTINS.split('|'), 'module', 'require']);
const QUIET_SINKS = new Set(['fs.read', 'console.out']);
const ALWAYS = [
  'http',
  'https',
  'http2',
  'net',
  'tls',
  'dgram',
  'dns',
  'vm',
  'worker_threads',
  'inspector',
  'cluster',
  'module',
  'repl',
  'tslib',
];
/** Modules that the tables speak of, as alternatives of a pattern. */
function moduleNames(models: TaintModels): string {
  const heads = new Set<string>();
  for (const [path, { sink }] of models.sinks) if (!QUIET_SINKS.has(sink)) heads.add(headOf(path));
  for (const path of models.sources.keys()) heads.add(headOf(path));
  for (const [alias, path] of models.aliases) {
    heads.add(alias);
    heads.add(headOf(path));
  }
  const names = [...heads].filter((head) => head.length > 1 && !QUIET_MODULES.has(head) && !/[()$]/.test(head));
  const families = models.clients.families.map(({ prefix }) => `${escaped(prefix)}[\\w.@-]*`);
  return [...ALWAYS, ...names, ...models.clients.exact.keys()].map(escaped).concat(families).join('|');
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** Sinks that are members of globals, or of what a file named as a module is named. */
function globalEntries(models: TaintModels): ReachEntry[] {
  const members = new Map<string, { seconds: Set<string>; lasts: Set<string> }>();
  for (const [path, { sink }] of models.sinks) {
    const [head, second] = path.split(/[.(#]/);
    if (
      QUIET_SINKS.has(sink) ||
      sink === 'dom.listen' ||
      head === undefined ||
      second === undefined ||
      QUIET_MODULES.has(head)
    )
      continue;
    if (!IDENTIFIER.test(head) || !IDENTIFIER.test(second)) continue;
    const entry = members.get(head) ?? { seconds: new Set(), lasts: new Set() };
    entry.seconds.add(second);
    entry.lasts.add(path.replaceAll('()', '').split(/[.#]/).at(-1) ?? second);
    members.set(head, entry);
  }
  return [...members].map(([head, { seconds, lasts }]) => ({
    words: [...lasts].filter((last) => IDENTIFIER.test(last)),
    pattern: new RegExp(String.raw`\b${head}\s*(?:\?\.|\.)\s*(?:${[...seconds].join('|')})\b`),
  }));
}

const IDENTIFIER = /^\w+$/;

function moduleToken(names: string): RegExp {
  const loading = String.raw`(?:require\w*\s*\(\s*|\bfrom\s*|\bimport\s*\(?\s*)`;
  return new RegExp(
    String.raw`${loading}['"\x60](?:node:)?(?:${names})(?:/[\w./-]*)?['"\x60]|['"\x60]node:(?!(?:${QUIET_BUILTINS})\b)`,
  );
}

function bindingOf(modules: string): RegExp {
  const named = String.raw`['"\x60](?:node:)?(${modules})(?:/[\w./-]*)?['"\x60]`;
  const wrapped = String.raw`(?:[\w$.]+\(\s*|\(0\s*,\s*[\w$.]+\)\(\s*)?`;
  return new RegExp(
    String.raw`(?:const|let|var|,)\s*(\{[^{}]{1,600}\}|[\w$]+)\s*=\s*${wrapped}(?:await\s+import|[\w$]*require\w*)\s*\(\s*${named}|\bimport\s*([\w$*{][^;'"()]{0,600}?)\s*from\s*${named}`,
    'g',
  );
}

/** Ends of package names that hold a dot of their own: `@solana/web3.js`, `socket.io-client`. */
const DOTTED = /^[@\w/-]+\.(?:js|io|ts)(?:-[\w-]+)?(?=[.(#]|$)/;

/** The module of an API path: `net.connect` is of `net`. */
function headOf(path: string): string {
  const dotted = DOTTED.exec(path)?.[0];
  if (dotted !== undefined) return dotted;
  const ends = [path.indexOf('.', 1), path.indexOf('('), path.indexOf('#')].filter((each) => each > 0);
  return ends.length === 0 ? path : path.slice(0, Math.min(...ends));
}
