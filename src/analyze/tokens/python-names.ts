/** Modules whose members are worth following under other names. */
const MODULES =
  '(?:os|sys|subprocess|codecs|base64|binascii|zlib|urllib|requests|httpx|http|socket|ssl|pathlib|ctypes|marshal|builtins|platform|smtplib|ftplib|pty|shutil)';
const MOST = 40;
const LITERAL = `[bBrRuU]?(?:"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*')`;

/** Calls under the names that modules give, whatever the program calls them: aliases, members looked up by name, functions that only decode. */
export function underOwnNames(text: string): string {
  return withDecoders(withAliases(withMembers(withRenamed(text))));
}

/** `from http.client import HTTPSConnection as H`, `import requests as r`. */
function withRenamed(text: string): string {
  let plain = text;
  const renamed = [
    ...text.matchAll(/^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+\(?([^\n)]+)/gm),
    ...text.matchAll(/^[ \t]*import[ \t]+([^\n]+)/gm),
  ].flatMap(([, names = '']) => [...names.matchAll(/([\w.]+)[ \t]+as[ \t]+(\w+)/g)]);
  for (const [, name = '', alias = ''] of renamed.slice(0, MOST))
    if (name !== alias) plain = plain.replace(new RegExp(`(?<![\\w.])${alias}(?=\\s*[(.])`, 'g'), name);
  return plain;
}

/** `import_module("codecs").decode`, `__import__("os")`, `getattr(os, "system")`. */
export function withMembers(text: string): string {
  if (!/import_module|__import__|\bgetattr\b/.test(text)) return text;
  return text
    .replace(
      /(?:\bimportlib\.|(?<![.\w]))(?:import_module|__import__)\(\s*["']([a-zA-Z_][\w.]*)["'](?:\s*,[^()\n]{0,80})?\s*\)/g,
      (_all, name: string) => name,
    )
    .replace(
      new RegExp(`\\bgetattr\\(\\s*(${MODULES}(?:\\.\\w+)*)\\s*,\\s*["'](\\w+)["']\\s*\\)`, 'g'),
      (whole, module: string, name: string) => (module === 'builtins' ? whole : `${module}.${name}`),
    );
}

/** `decode = codecs.decode`, `net = urllib.request`: a name that is given once. */
function withAliases(text: string): string {
  let plain = text;
  const given = [...text.matchAll(new RegExp(`^[ \\t]*(\\w+)[ \\t]*=[ \\t]*(${MODULES}(?:\\.\\w+)*)[ \\t]*$`, 'gm'))];
  for (const [, name = '', member = ''] of given.slice(0, MOST)) {
    const assigned = [...text.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*=(?!=)`, 'gm'))].length;
    if (assigned === 1 && name !== member)
      plain = plain.replace(
        new RegExp(`(?<![\\w.])${name}(?=[ \\t]*[(.])|(?<=\\bgetattr\\()${name}(?=,)`, 'g'),
        member,
      );
  }
  return plain;
}

const DECODES = /rot_?13|\[::-1\]|\breversed\(|b(?:16|32|64|85)decode|\bfromhex\b|\bunhexlify\b|\^/;

/** A function that only decodes what it is given: what it does stands where it is called with a text. */
function withDecoders(text: string): string {
  if (!DECODES.test(text)) return text;
  let plain = text;
  const functions = [
    ...text.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*lambda[ \t]+(\w+)[ \t]*:[ \t]*([^\n]{1,200})$/gm),
    ...text.matchAll(/^[ \t]*def[ \t]+(\w+)\([ \t]*(\w+)[^()\n]{0,60}\)[^:\n]{0,40}:\s*return[ \t]+([^\n]{1,200})$/gm),
  ];
  for (const [, name = '', parameter = '', body = ''] of functions.slice(0, MOST)) {
    if (!DECODES.test(body)) continue;
    const call = new RegExp(`(?<![\\w.])${name}\\(\\s*(${LITERAL})\\s*\\)`, 'g');
    const place = new RegExp(`(?<![\\w."'])${parameter}(?![\\w"'])`, 'g');
    plain = plain.replace(call, (_all, literal: string) => body.trim().replace(place, () => literal));
  }
  return plain;
}
