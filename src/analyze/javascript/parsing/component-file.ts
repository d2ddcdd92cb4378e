import { type Parsed, type ParseFailure, parseText } from './parse.js';

/** Files of components: markup with scripts in it, which a framework compiles. */
const COMPONENT = /\.(?:astro|vue|svelte|marko)$/;
/** No engine takes a file that begins so for JavaScript. */
const BEGINS_AS_MARKUP = /^\s*(?:---\r?\n|<[a-z])/i;
const FRONT_MATTER = /^\s*---\r?\n([\s\S]*?)\r?\n---/dg;
const SCRIPT = /<script\b[^>]*>([\s\S]*?)<\/script\s*>/dgi;

/** Parses the scripts of a component's file where they stand in it; null where the file is none. */
export function parseComponent(text: string, path: string): Parsed | ParseFailure | null {
  if (!COMPONENT.test(path) || !BEGINS_AS_MARKUP.test(text)) return null;
  let code = '';
  let at = 0;
  for (const pattern of [FRONT_MATTER, SCRIPT])
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices?.[1] ?? [0, 0];
      if (start < at) continue;
      code += blank(text.slice(at, start)) + text.slice(start, end);
      at = end;
    }
  return parseText(code + blank(text.slice(at)), path);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
