import type { SliceStep } from '../../../model.js';
import type { Interpreter } from '../interpreter/interpreter.js';

const SAMPLE = 400_000;
/** Letters and digits; other signs are escaped in patterns that look for them. */
const ESCAPED_LETTER = /\\(?:x|u00)(?:3\d|[46][1-9a-f]|[57][0-9a])/gi;

const TURN = /push['"]?\]?\(\s*\w+(?:\[['"]shift['"]\]|\.shift)\(\)\)/g;
/** How the turning of a list of texts is ended: by a sum of numbers in some of them, or by a count. */
const SUMMED = /parseInt\s*\(/;
const COUNTED = /(?:while|for)\s*\([^{}]{0,80}\)\s*\{?\s*[\w$]+\[?['"]?\.?$/;
const BEFORE_TURN = 1_500;

/** How a text is obfuscated, in words; empty where it is not. Minified code is not obfuscated. */
export function obfuscationOf(code: string): string[] {
  const text = code.length > SAMPLE ? code.slice(0, SAMPLE / 2) + code.slice(-SAMPLE / 2) : code;
  const kinds: string[] = [];
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  if (text.includes('_0x') && count(/\b_0x[0-9a-f]{2,}\b/g) >= 8) kinds.push('hexadecimal identifiers');
  if (
    text.includes('shift') &&
    count(/0x[0-9a-f]+/g) > 8 &&
    [...text.matchAll(TURN)].some(({ index }) => turns(text.slice(Math.max(0, index - BEFORE_TURN), index)))
  )
    kinds.push('rotated string array');
  const escapes = text.includes('\\') ? count(ESCAPED_LETTER) : 0;
  if (escapes > 24 && (escapes * 4) / text.length > 0.04) kinds.push('escaped strings');
  if (
    text.includes('switch') &&
    /while\s*\(\s*(?:!!\[\]|true|!0|1)\s*\)\s*\{\s*switch\s*\(\s*\w+\[\w+\+\+\]\s*\)/.test(text)
  )
    kinds.push('flattened control flow');
  if (/\beval\s*\(\s*function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k/.test(text)) kinds.push('packer');
  if (text.length > 300 && bracketShare(text) > 0.85) kinds.push('brackets only');
  if (/\uff9f\u03c9\uff9f|\uff9f\u0414\uff9f/.test(text)) kinds.push('emoticons');
  if (/\$\.\$\$\$\$|\$\.___\+|\$\$\$\$:\(!\[\]\+""\)/.test(text)) kinds.push('symbols only');
  if (new Set(text.match(/\b[IlO][Il1O0]{5,}\b/g)).size > 6) kinds.push('look-alike identifiers');
  return kinds;
}

function turns(before: string): boolean {
  return SUMMED.test(before) || COUNTED.test(before.slice(-160));
}

/** The share of `[]()!+` in the characters that are not blank; text that is clearly something else is not read to its end. */
function bracketShare(text: string): number {
  let brackets = 0;
  let others = 0;
  const most = text.length * 0.15;
  for (let at = 0; at < text.length && others <= most; at++) {
    const char = text.charCodeAt(at);
    if (char === 91 || char === 93 || char === 40 || char === 41 || char === 33 || char === 43) brackets++;
    else if (!isBlank(char)) others++;
  }
  return brackets / (brackets + others);
}

function isBlank(char: number): boolean {
  return char === 32 || (char >= 9 && char <= 13) || (char > 127 && /\s/.test(String.fromCharCode(char)));
}

/** Facts on obfuscated files that the entries load, and on those of which something stayed hidden. */
export function reportObfuscation(I: Interpreter): void {
  for (const path of I.loader.loaded(I).keys()) {
    const code = I.loader.text(path);
    if (code === null || path.endsWith('.json') || path.endsWith('.node')) continue;
    const kinds = I.loader.obfuscation(path);
    if (kinds.length === 0) continue;
    const steps = evidence(I, path, kinds);
    I.fact('obfuscated', kinds.join(', '), path, steps[0]?.line ?? 1, steps);
    const hidden = whatIsHidden(I, path);
    if (hidden !== null) I.fact('opaque', `${kinds.join(', ')}; ${hidden.note}`, path, hidden.line, [...steps, hidden]);
  }
}

/** The first places that show it, and the decoders with what they gave. */
function evidence(I: Interpreter, path: string, kinds: readonly string[]): SliceStep[] {
  const steps: SliceStep[] = [
    { role: 'step', file: path, line: 1, column: 0, note: `obfuscated: ${kinds.join(', ')}` },
  ];
  for (const [node, { file, sample }] of I.decoders) {
    if (file !== path || steps.length > 4) continue;
    steps.push(I.at(node, file, 'decoder', `decodes to ${JSON.stringify(sample.slice(0, 80))}`));
  }
  const shown = new Set<string>();
  for (const observation of I.observations) {
    if (!observation.file.startsWith(path) || steps.length > 9) continue;
    const decoded = observation.args.find((each) => each.decoded && each.text !== null)?.text;
    if (decoded === undefined || decoded === null || shown.has(decoded)) continue;
    shown.add(decoded);
    steps.push({
      role: 'decoder',
      file: observation.file,
      line: observation.line,
      column: observation.column,
      note: `decoded: ${JSON.stringify(decoded.slice(0, 120))}`,
    });
  }
  return steps;
}

/** A dynamic sink that stayed unknown in a file, or the limit that ended its reading. */
function whatIsHidden(I: Interpreter, path: string): SliceStep | null {
  for (const observation of I.observations) {
    const own = observation.file === path || observation.file.startsWith(`${path}!`);
    if (!own || !observation.unasked || (observation.sink !== 'code.eval' && observation.sink !== 'code.require'))
      continue;
    const code = observation.args[observation.args.length - 1];
    if (
      code === undefined ||
      code.constant ||
      observation.taints.length > 0 ||
      (code.text !== null && code.text.length > 12)
    )
      continue;
    return {
      role: 'sink',
      file: observation.file,
      line: observation.line,
      column: observation.column,
      note: `${observation.api} of a value that stayed hidden`,
    };
  }
  const limit = I.facts.find((fact) => fact.id === 'limit' && (fact.file === path || fact.file.startsWith(`${path}!`)));
  return limit === undefined
    ? null
    : {
        role: 'sink',
        file: path,
        line: Math.max(1, limit.line),
        column: 0,
        note: `not read to its end: ${limit.detail}`,
      };
}
