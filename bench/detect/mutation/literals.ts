import type { Node, StringLiteral } from '@babel/types';
import { name, pick, type Random } from './random.js';
import { applyEdits, type Edit, range, readSource, walk } from './source-edits.js';

type Rewrite = (text: string, random: Random) => string;

const split: Rewrite = (text, random) => {
  const at = 1 + Math.floor(random() * (text.length - 1));
  const [head, tail] = [JSON.stringify(text.slice(0, at)), JSON.stringify(text.slice(at))];
  return pick(random, [`(${head} + ${tail})`, `[${head}, ${tail}].join('')`, `${head}.concat(${tail})`]);
};

const encode: Rewrite = (text, random) => {
  const quoted = (value: string): string => JSON.stringify(value);
  const codes = [...Buffer.from(text, 'utf16le')].filter((_, index) => index % 2 === 0);
  const ascii = /^[\x20-\x7e]*$/.test(text);
  const ways = [
    `Buffer.from(${quoted(Buffer.from(text).toString('base64'))}, 'base64').toString()`,
    `Buffer.from(${quoted(Buffer.from(text).toString('hex'))}, 'hex').toString('utf8')`,
    `${quoted([...text].reverse().join(''))}.split('').reverse().join('')`,
    `decodeURIComponent(${quoted([...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''))})`,
  ];
  if (ascii) ways.push(`String.fromCharCode(${codes.join(', ')})`, escaped(codes));
  return pick(random, ways);
};

function escaped(codes: readonly number[]): string {
  return `'${codes.map((code) => `\\x${code.toString(16).padStart(2, '0')}`).join('')}'`;
}

/** Writes strings as sums of parts. */
export function splitStrings(code: string, random: Random): string {
  return rewriteStrings(code, random, split);
}

/** Writes strings as calls of decoders. */
export function encodeStrings(code: string, random: Random): string {
  return rewriteStrings(code, random, encode);
}

/** Moves all strings into one array and reads them by index. */
export function stringTable(code: string, random: Random): string {
  const source = readSource(code);
  const table = name(random);
  const strings: string[] = [];
  const edits: Edit[] = [];
  walk(source.file, (node, parent, key) => {
    if (!isFreeString(node, parent, key)) return;
    const index = strings.push(node.value) - 1;
    edits.push({ ...range(node), text: `${table}[${index}]` });
  });
  const declaration = `var ${table} = ${JSON.stringify(strings)};\n`;
  const shebang = /^#!.*\n/.exec(code)?.[0] ?? '';
  return shebang + declaration + applyEdits(code, edits).slice(shebang.length);
}

function rewriteStrings(code: string, random: Random, rewrite: Rewrite): string {
  const edits: Edit[] = [];
  walk(readSource(code).file, (node, parent, key) => {
    if (isFreeString(node, parent, key) && node.value.length > 1 && random() < 0.8)
      edits.push({ ...range(node), text: rewrite(node.value, random) });
  });
  return applyEdits(code, edits);
}

function isFreeString(node: Node, parent: Node | null, key: string): node is StringLiteral {
  if (node.type !== 'StringLiteral' || parent === null) return false;
  if (/^(Import|Export)/.test(parent.type)) return false;
  const isKey = key === 'key' && 'computed' in parent && !parent.computed;
  return !isKey && parent.type !== 'DirectiveLiteral';
}
