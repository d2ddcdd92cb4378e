import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

/** Files of styles, which whoever imports them puts into pages. */
export const STYLES = /\.(?:css|s[ac]ss|less|styl|pcss|postcss)$/i;

/** A selector by a letter or two of what a field holds, or by what a loop puts there. */
const PART =
  /\[\s*value\s*[*^$]=\s*\\?["'`]?\s*(?:([^\s"'`\\\]]{1,2})\s*\\?["'`]?\s*(?:[is]\s*)?\]|\$\{|#\{|@\{|\$\w|["'`]\s*\+|["'`]\s*\.\s*concat\b|["'`]\s*,)/g;
/** What a style loads from another host, or from an address that begins with something that is put in. */
const LOADED =
  /\b(?:url|image-set)\(\s*\\?["'`]?\s*(?:((?:https?:)?\/\/(?!localhost|127\.)[^\s"'`)\\]+)|(?:\$\{|#\{|@\{|\$\w|["'`]\s*\+)[^\n]{0,80})/;
const ELSEWHERE = /["'`](?:https?:)?\/\/(?!localhost|127\.|0\.0\.0\.0)[\w-]+(?:\.[\w-]+)+/;
const BEHIND = 600;
const NEAR = 250;
const MOST = 200;
/** So many letters that each load something of their own are no icons of a few values. */
const SEVERAL = 3;

/** What a text leaks by its styles: fields whose letters are told apart, each by something that is loaded from a host; null for nothing. */
export function styleLeak(text: string): { at: number; address: string } | null {
  if (!text.includes('value')) return null;
  const letters = new Set<string>();
  let looked = 0;
  for (const match of text.matchAll(PART)) {
    if (looked++ >= MOST) break;
    const loaded = LOADED.exec(text.slice(match.index, match.index + BEHIND));
    if (loaded === null) continue;
    const [whole, address] = loaded;
    if (address === undefined && (loaded.index > NEAR || !ELSEWHERE.test(text))) continue;
    const letter = match[1];
    if (letter !== undefined && !/[$#@]\{?$/.test(letter)) {
      letters.add(letter);
      if (letters.size < SEVERAL) continue;
    }
    return { at: match.index, address: address ?? whole };
  }
  return null;
}

/** Styles of a file that tell a host what is typed. */
export function styleLeaks(file: string, text: string): Fact[] {
  const found = styleLeak(text);
  if (found === null) return [];
  const detail = `letters of a field are told apart by what is loaded: ${found.address.slice(0, 120)}`;
  return [factAt('style-leak', detail, { file, line: lineAt(text, found.at) })];
}
