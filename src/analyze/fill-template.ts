import { isJavaScript } from './javascript/index.js';
import { HOLE } from './task.js';

const ENDINGS =
  /\.(?:tpl|tmpl|template|templ|tt|t|hbs|handlebars|mustache|ejs|eta|njk|nunjucks|liquid|dot|pug|txt|in)$/i;

/** Name of the file that a template becomes: without its ending, `_eslintrc.js` and `dot-env` with their dot. */
export function nameOfTemplate(path: string): string {
  const plain = path.replace(ENDINGS, '').replace(ENDINGS, '');
  return plain.replace(/(^|\/)(?:_dot_|dot[-_.])(?=[a-z])/i, '$1.').replace(/(^|\/)_(?=[a-z][^/]*$)/i, '$1.');
}

/** Tags of template engines that only steer, and those that give something out. */
const STEERING = /<%[-_]?(?![=-])[^%]*?[-_]?%>|\{\{[#/^!>][^}]*\}\}|\{%[^%]*%\}|^---\n[\s\S]*?\n---\n/g;
const GIVING =
  /<%[=-][^%]*%>|\{\{\{?[^{}]*\}\}\}?|\[\[[^\]]*\]\]|@@?[A-Z][A-Z0-9_]*@@?|%[A-Z][A-Z0-9_]*%|\$\$?\([\w.]+\)/g;
const FILLING = 'filled';

/** The JavaScript that a template becomes when its placeholders are filled; null where it is none. */
export function filledScript(text: string): string | null {
  const plain = text.replaceAll(HOLE, FILLING);
  return [plain, filledText(plain), withoutTags(plain, '')].find(isJavaScript) ?? null;
}

/** The text that a template becomes. */
export function filledText(text: string): string {
  return withoutTags(text, FILLING);
}

function withoutTags(text: string, filling: string): string {
  return text.replace(STEERING, '').replace(GIVING, filling);
}
