import { visible, visibleLines } from '../visible.js';

/** A piece of HTML that is known to be safe. Only `html` and `raw` make one. */
export interface Html {
  readonly html: string;
}

/** What may stand in a template: text is escaped, Html is kept, lists are joined, null and false are nothing. */
export type HtmlPart = string | number | Html | null | false | HtmlPart[];

/** Template tag: every interpolated text is escaped and hidden characters are made visible. */
export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return { html: strings.map((literal, i) => literal + (i < parts.length ? render(parts[i]!) : '')).join('') };
}

/** Text of several lines for a `pre`. */
export function block(text: string): Html {
  return { html: escapeText(visibleLines(text)) };
}

function render(part: HtmlPart): string {
  if (part === null || part === false) return '';
  if (Array.isArray(part)) return part.map(render).join('');
  if (typeof part === 'object') return part.html;
  return escapeText(visible(String(part)));
}

function escapeText(text: string): string {
  return text.replace(/[&<>"'`=]/g, (c) => `&#${c.charCodeAt(0)};`);
}
