import { copyFileSync, linkSync, lstatSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseYaml } from '../yaml-text.js';
import { isNative, isWithin } from './toolchain.js';

const relative = z
  .string()
  .regex(/^[\w@{][\w@.{}/-]*$/)
  .refine((path) => !path.split('/').includes('..'));

/** rules/sandbox/own-bins.yaml. */
const ruleSchema = z.array(
  z.strictObject({
    package: z.string(),
    bins: z.array(relative).min(1),
    from: z.array(relative).min(1),
    instead: z.string().optional(),
  }),
);

type OwnBinRule = z.infer<typeof ruleSchema>[number];

const RULES = new URL('../../rules/sandbox/own-bins.yaml', import.meta.url);

let text: string | null = null;
let rules: OwnBinRule[] | null = null;

function ruleFor(name: string): OwnBinRule | undefined {
  text ??= readFileSync(RULES, 'utf8');
  // Parsing takes longer than starting a script, and hardly a package is named here.
  if (!text.includes(name)) return undefined;
  rules ??= ruleSchema.parse(parseYaml(text));
  return rules.find((rule) => rule.package === name);
}

interface Manifest {
  name?: unknown;
  version?: unknown;
  optionalDependencies?: Record<string, unknown>;
}

function manifestOf(folder: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

/** The folder of a sibling package as Node would find it, within the folders of this install. */
function findPackage(name: string, from: string, within: readonly string[]): string | null {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (lstatSync(found, { throwIfNoEntry: false }) === undefined) continue;
    const real = realpathSync(found);
    return within.some((place) => isWithin(real, place)) ? real : null;
  }
  return null;
}

/** The optional dependency's program that a rule names, where it is a native one of the very version that is declared. */
function programOf(rule: OwnBinRule, folder: string, manifest: Manifest, within: readonly string[]): string | null {
  for (const pattern of rule.from) {
    const path = pattern.replaceAll('{platform}', process.platform).replaceAll('{arch}', process.arch);
    const parts = path.split('/');
    const name = parts.slice(0, path.startsWith('@') ? 2 : 1).join('/');
    const sibling = findPackage(name, folder, within);
    if (sibling === null || manifest.optionalDependencies?.[name] !== manifestOf(sibling)?.version) continue;
    const program = join(sibling, path.slice(name.length + 1));
    if (lstatSync(program, { throwIfNoEntry: false })?.isFile() && isNative(program)) return program;
  }
  return null;
}

function putInPlace(program: string, bin: string): void {
  const made = `${bin}.own-${process.pid}`;
  try {
    linkSync(program, made);
  } catch {
    copyFileSync(program, made);
  }
  try {
    renameSync(made, bin);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}

/** True where the rules do all that this command of a package would do. */
export function isReplacedScript(name: string, command: string): boolean {
  return ruleFor(name)?.instead === command;
}

/**
 * Does for a package what its script could not do across mounts: puts the native program of its optional dependency in
 * place of its own bins, as npm's result has it. Only for packages of rules/sandbox/own-bins.yaml, and only where the bin
 * is still a script.
 *
 * @returns the program that the bins are now, or null where there was nothing to do.
 */
export function finishOwnBin(name: string, folder: string, within: readonly string[]): string | null {
  const rule = ruleFor(name);
  const manifest = rule === undefined ? null : manifestOf(folder);
  if (rule === undefined || manifest === null || manifest.name !== name) return null;
  const root = realpathSync(folder);
  const bins = rule.bins
    .map((bin) => join(root, bin))
    .filter((bin) => lstatSync(bin, { throwIfNoEntry: false })?.isFile() && !isNative(bin))
    .filter((bin) => realpathSync(bin) === bin);
  const program = bins.length === 0 ? null : programOf(rule, folder, manifest, within);
  if (program === null) return null;
  for (const bin of bins) putInPlace(program, bin);
  return program;
}
