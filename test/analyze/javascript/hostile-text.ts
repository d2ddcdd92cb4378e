/** Parts that, one behind the other, confuse whoever reads JavaScript without a grammar. */
const PARTS = [
  'function f(){',
  'a=>{',
  '}',
  '{',
  '(',
  ')',
  '[',
  ']',
  'if(a)',
  'while(a)',
  'for(;;)',
  'return',
  'typeof',
  ' in ',
  ' of ',
  'do ',
  'else ',
  'case a:',
  '/',
  '/x/',
  '/[/]/g',
  '/}/',
  '"}"',
  "'/'",
  '`',
  '${',
  '`}`',
  '//}\n',
  '/*}*/',
  '/*\n*/',
  '\n',
  ';',
  ',',
  ':',
  '?',
  '?.',
  '.',
  '...',
  '=',
  '=>',
  '++',
  '--',
  '<',
  '>',
  '<<',
  '!',
  '1',
  '1.',
  '.5',
  '0x1f',
  'a',
  'b',
  'yield',
  'await',
  'async ',
  'class A{',
  'class ',
  'm(){',
  'get x(){',
  '#x',
  '<!--',
  '-->',
  '\u00a0',
  '\u2028',
  '\r\n',
  '\\',
  'if',
  'for await(',
  'new ',
  'throw ',
  'let ',
];

/** A source of short texts of such parts, the same ones for the same seed. */
export function hostileText(from: number): () => string {
  let seed = from;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  return () => {
    let text = '';
    for (let count = 2 + random(11); count > 0; count--) text += PARTS[random(PARTS.length)];
    return text;
  };
}
