import scriptAllowed from '@npmcli/arborist/lib/script-allowed.js';
import npa from 'npm-package-arg';
import { EXIT, SafeInstallError } from '../errors.js';

/** npm's `allowScripts` policy: spec → may run. Null where nobody said anything. */
export type AllowScripts = Record<string, unknown> | null;

/** The layers npm reads it from; the first that says anything wins whole. */
export interface AllowScriptsLayers {
  /** `--allow-scripts` and `npm_config_allow_scripts`. */
  commandLine: string[];
  /** `allowScripts` of the root package.json; null for global installs. */
  packageJson: unknown;
  /** `allow-scripts` of the .npmrc files. */
  npmrc: string[];
  global: boolean;
}

/**
 * Resolves npm's `allowScripts` by npm's rules: command line > package.json > .npmrc, no merging; ranges and tags are dropped
 * with a warning. @throws SafeInstallError EALLOWSCRIPTS for `--allow-scripts` in a project.
 */
export function resolveAllowScripts(layers: AllowScriptsLayers): { policy: AllowScripts; warnings: string[] } {
  if (layers.commandLine.length > 0 && !layers.global) {
    throw new SafeInstallError('--allow-scripts is not allowed in project-scoped installs.', {
      code: 'EALLOWSCRIPTS',
      exitCode: EXIT.npm,
      where: '--allow-scripts',
      next: ['Add the entries to "allowScripts" in package.json, or to .npmrc.'],
    });
  }
  const warnings: string[] = [];
  const own =
    !layers.global && typeof layers.packageJson === 'object' && layers.packageJson !== null
      ? Object.entries(layers.packageJson)
      : [];
  const candidates: [string, [string, unknown][]][] = [
    ['--allow-scripts', layers.commandLine.map((name) => [name, true])],
    ['package.json', own],
    ['.npmrc', layers.npmrc.map((name) => [name, true])],
  ];
  let policy: AllowScripts = null;
  for (const [label, entries] of candidates) {
    const valid = entries.filter(([key]) => isUsableKey(key, label, warnings));
    if (valid.length === 0) {
      continue;
    }
    if (policy === null) {
      policy = Object.fromEntries(valid);
    } else {
      warnings.push(`allow-scripts: ${label} is ignored, another layer has already spoken.`);
    }
  }
  return { policy, warnings };
}

/** What the policy says of a node of arborist's tree: true, false, or null for "nobody has looked". */
export function isAllowed(node: unknown, policy: AllowScripts): boolean | null {
  return scriptAllowed.isScriptAllowed(node, policy);
}

function isUsableKey(key: string, label: string, warnings: string[]): boolean {
  try {
    const spec = npa(key);
    if (spec.type === 'tag') {
      warnings.push(`allow-scripts: ${label}: "${key}" is ignored; dist-tags are not allowed, use exact versions.`);
      return false;
    }
    const nameOnly = spec.rawSpec === '' || spec.rawSpec === '*' || spec.fetchSpec === '*';
    if (spec.type === 'range' && !nameOnly && !scriptAllowed.isExactVersionDisjunction(spec.fetchSpec ?? '')) {
      warnings.push(
        `allow-scripts: ${label}: "${key}" is ignored; ranges are not allowed, join exact versions by "||".`,
      );
      return false;
    }
    return true;
  } catch {
    warnings.push(`allow-scripts: ${label}: "${key}" is ignored; it is no package spec.`);
    return false;
  }
}
