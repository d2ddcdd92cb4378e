import obfuscator from 'javascript-obfuscator';
import { minify } from 'terser';
import { pick, type Random } from './random.js';
import { readSource } from './source-edits.js';

/** All local names become other ones. */
export async function renameAll(code: string, random: Random): Promise<string> {
  return terser(code, { compress: false, mangle: { toplevel: random() < 0.7, keep_fnames: false } });
}

/** What a minifier makes of it. */
export async function minified(code: string, random: Random): Promise<string> {
  return terser(code, {
    compress: { passes: pick(random, [1, 2]), toplevel: true, unused: false, sequences: true },
    mangle: { toplevel: true },
  });
}

async function terser(code: string, options: Parameters<typeof minify>[1]): Promise<string> {
  const { module } = readSource(code);
  const result = await minify(code, { ...options, module, parse: { bare_returns: !module, shebang: true } });
  if (result.code === undefined) throw new SyntaxError('no output');
  return `${result.code}\n`;
}

/** What javascript-obfuscator makes of it, at one of three strengths. */
export function obfuscated(code: string, random: Random): string {
  const strength = pick(random, [
    { stringArray: true, stringArrayThreshold: 1 },
    {
      stringArray: true,
      stringArrayThreshold: 1,
      stringArrayEncoding: ['base64' as const],
      stringArrayWrappersCount: 2,
      splitStrings: true,
      splitStringsChunkLength: 6,
    },
    {
      stringArray: true,
      stringArrayThreshold: 1,
      stringArrayEncoding: ['rc4' as const],
      controlFlowFlattening: true,
      controlFlowFlatteningThreshold: 0.8,
      numbersToExpressions: true,
      transformObjectKeys: true,
    },
  ]);
  const shebang = /^#!.*\n/.exec(code)?.[0] ?? '';
  const seed = 1 + Math.floor(random() * 1e6);
  const result = obfuscator.obfuscate(code.slice(shebang.length), { ...strength, seed, target: 'node' });
  return `${shebang}${result.getObfuscatedCode()}\n`;
}
