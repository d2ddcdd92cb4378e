import { streamEdited } from './stream-edit.js';
import { concat, constant, EMPTY, isConstant, type ShellValue, through } from './value.js';

/** Commands that only pass on, change or hide what they read. */
export const FILTERS = new Set(
  (
    'cat tac head tail less more grep egrep fgrep zgrep sed awk gawk tr cut sort uniq xxd base64 base32 gzip gunzip zcat bzip2 xz zstd jq yq rev tee od hexdump ' +
    'fold paste strings tar zip 7z gpg urlencode uuencode cpio pax column wc nl expand sha256sum md5sum shasum iconv dd type find ls dir'
  ).split(' '),
);

/** What a filter prints, given its options, what it read and the content of the files it was given. */
export function filter(name: string, args: readonly ShellValue[], input: ShellValue): ShellValue {
  const flags = args.map((arg) => arg.text);
  switch (name) {
    case 'cat':
    case 'tee':
    case 'less':
    case 'more':
    case 'type':
      return input;
    case 'base64':
      return flags.some((flag) => /^(?:-d|-D|--decode|-di|-id)$/.test(flag))
        ? decodeWith(input, (text) => Buffer.from(text, 'base64').toString('utf8'), 'base64')
        : encodeWith(input, (text) => Buffer.from(text).toString('base64'), 'base64');
    case 'xxd':
      return flags.some((flag) => /^-(?:r|rp|r-p|pr|ps)/.test(flag))
        ? decodeWith(input, (text) => Buffer.from(text.replace(/\s+/g, ''), 'hex').toString('utf8'), 'hex')
        : through(input, 'hex');
    case 'rev':
      return decodeWith(
        input,
        (text) =>
          text
            .split('\n')
            .map((line) => [...line].reverse().join(''))
            .join('\n'),
        'reverse',
      );
    case 'head':
    case 'tail':
      return isConstant(input) && input.text !== '' ? lines(name, flags, input) : { ...input, text: '\uFFFC' };
    case 'tr':
      return translate(args, input);
    case 'sed':
      return substitute(args, input);
    case 'gzip':
    case 'zstd':
    case 'xz':
    case 'bzip2':
    case 'tar':
    case 'cpio':
    case 'pax':
    case 'zip':
    case '7z':
      return through(input, 'zlib');
    case 'gunzip':
    case 'zcat':
      return through(input, 'zlib');
    case 'gpg':
      return through(input, 'cipher');
    case 'sha256sum':
    case 'md5sum':
    case 'shasum':
      return through(input, 'hash');
    case 'wc':
      return EMPTY;
    default:
      return { text: '\uFFFC', taints: input.taints, decoded: input.decoded };
  }
}

function decodeWith(value: ShellValue, decode: (text: string) => string, name: string): ShellValue {
  if (!isConstant(value) || value.text.length > 4_000_000) return through(value, name);
  return { ...value, text: decode(value.text.replace(/\n$/, '')), decoded: true };
}

function encodeWith(value: ShellValue, encode: (text: string) => string, name: string): ShellValue {
  return isConstant(value) && value.taints.length === 0 ? constant(encode(value.text)) : through(value, name);
}

/** `head -n 5`, `tail -n +4`, `tail -3`. */
function lines(name: 'head' | 'tail', flags: readonly string[], input: ShellValue): ShellValue {
  const said = /^(?:-n|--lines=?)?\s*([-+]?\d+)$/.exec(
    flags.filter((flag) => flag !== '-n' && flag !== '--lines')[0] ?? '',
  );
  if (flags.some((flag) => /^-c|^--bytes/.test(flag))) return { ...input, text: '\uFFFC' };
  const count = said?.[1] === undefined ? 10 : Number(said[1]);
  const all = input.text.split('\n');
  const plus = said?.[1]?.startsWith('+') === true;
  const kept =
    name === 'head' ? all.slice(0, Math.abs(count)) : plus ? all.slice(count - 1) : all.slice(-(Math.abs(count) + 1));
  return { ...input, text: kept.join('\n'), decoded: true };
}

function translate(args: readonly ShellValue[], input: ShellValue): ShellValue {
  const operands = args.filter((arg) => !/^-[cdsCt]+$/.test(arg.text));
  const deleting = args.some((arg) => /^-d/.test(arg.text));
  const [from, to] = operands;
  if (from === undefined || !isConstant(input) || !isConstant(from)) return { ...input, text: '\uFFFC' };
  const source = expandRanges(from.text);
  if (deleting)
    return { ...input, text: [...input.text].filter((char) => !source.includes(char)).join(''), decoded: true };
  if (to === undefined || !isConstant(to)) return { ...input, text: '\uFFFC' };
  const target = expandRanges(to.text);
  const map = new Map(source.map((char, index) => [char, target[Math.min(index, target.length - 1)] ?? char]));
  return { ...input, text: [...input.text].map((char) => map.get(char) ?? char).join(''), decoded: true };
}

/** The characters that a set of `tr` means. */
export function expandRanges(set: string): string[] {
  const named = set
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('\\n', '\n');
  return [
    ...named.replace(/(.)-(.)/gs, (_all, from: string, to: string) => {
      const [low, high] = [from.charCodeAt(0), to.charCodeAt(0)];
      return high < low || high - low > 255
        ? `${from}-${to}`
        : String.fromCharCode(...Array.from({ length: high - low + 1 }, (_unused, index) => low + index));
    }),
  ];
}

function substitute(args: readonly ShellValue[], input: ShellValue): ShellValue {
  const edited =
    isConstant(input) && args.every(isConstant)
      ? streamEdited(
          args.map(({ text }) => text),
          input.text,
        )
      : null;
  if (edited !== null) return { ...input, text: edited, decoded: true };
  const script = args.find((arg) => arg.text.length < 2_000 && /^s(.).*\1.*\1[g]?$/.test(arg.text))?.text;
  const [, separator = ''] = /^s(.)/.exec(script ?? '') ?? [];
  const [, from = '', to = '', flags = ''] = script?.split(separator) ?? [];
  if (script === undefined || !isConstant(input) || /[\\.*[\]^$&]/.test(from + to) || from === '')
    return { ...input, text: isConstant(input) && script === undefined ? input.text : '\uFFFC' };
  return {
    ...input,
    text: flags.includes('g') ? input.text.replaceAll(from, () => to) : input.text.replace(from, () => to),
    decoded: true,
  };
}

/** What `echo` or `printf` prints. */
export function printed(name: string, args: readonly ShellValue[]): ShellValue {
  const words = name === 'echo' ? args.filter((arg, index) => !(index < 2 && /^-[neE]+$/.test(arg.text))) : args;
  const text = concat(words, ' ');
  const escapes = name === 'printf' || args.some((arg) => /^-[nE]*e/.test(arg.text));
  if (!escapes || !isConstant(text)) return text;
  const [format, ...rest] = words;
  const whole =
    name === 'printf' && format !== undefined
      ? formatted(
          format.text,
          rest.map((word) => word.text),
        )
      : text.text;
  const plain = whole.replace(
    /\\x([0-9a-f]{1,2})|\\u([0-9a-f]{4})|\\0?([0-7]{3})|\\n|\\t/gi,
    (match, hex?: string, unicode?: string, octal?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return match === '\\n' ? '\n' : '\t';
    },
  );
  return { ...text, text: plain, decoded: text.decoded || plain !== whole };
}

/** The format is used again for as long as words are left. */
function formatted(format: string, values: string[]): string {
  const queue = [...values];
  let out = '';
  do {
    const before = queue.length;
    out += format.replace(/%[sbdq]/g, () => queue.shift() ?? '');
    if (queue.length === before) break;
  } while (queue.length > 0);
  return out;
}
