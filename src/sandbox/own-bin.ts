import { copyFileSync, linkSync, lstatSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { isNative, isWithin } from './toolchain.js';

const relative = z
  .string()
  .regex(/^[\w@{][\w@.{}/-]*$/)
  .refine((path) => !path.split('/').includes('..'));

/** rules/sandbox/own-bins.yaml. */
const ruleSchema = z.array(z.strictObject({ package: z.string(), bin: relative, from: z.array(relative).min(1) }));

type OwnBinRule = z.infer<typeof ruleSchema>[number];

const RULES = new URL('../../rules/sandbox/own-bins.yaml', import.meta.url);

let rules: OwnBinRule[] | null = null;

function ruleFor(name: string): OwnBinRule | undefined {
  rules ??= ruleSchema.parse(parse(readFileSync(RULES, 'utf8')));
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

/**
 * Does for a package what its script could not do across mounts: puts the native program of its optional dependency in
 * place of its own bin, as npm's result has it. Only for packages of rules/sandbox/own-bins.yaml, and only where the bin
 * is still a script.
 *
 * @returns the program that the bin is now, or null where there was nothing to do.
 */
export function finishOwnBin(name: string, folder: string, within: readonly string[]): string | null {
  const rule = ruleFor(name);
  const manifest = rule === undefined ? null : manifestOf(folder);
  if (rule === undefined || manifest === null || manifest.name !== name) return null;
  const bin = join(folder, rule.bin);
  if (!lstatSync(bin, { throwIfNoEntry: false })?.isFile() || isNative(bin)) return null;
  if (realpathSync(dirname(bin)) !== realpathSync(folder) + sep + dirname(rule.bin)) return null;
  const program = programOf(rule, folder, manifest, within);
  if (program === null) return null;
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
  return program;
}
