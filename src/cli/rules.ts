import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Rule } from '../analyze/index.js';
import { isFolder } from '../analyze/rules/rule-files.js';
import { EXIT, SafeInstallError } from '../errors.js';
import type { Finding } from '../model.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';

export const command: Command = {
  usage: ['rules test <rule file|folder> [--on <package folder|tarball>] [--expect <match|none>]'],
  flags: {
    on: { type: 'strings', value: '<path>', summary: 'Package folder or tarball to try the rules on; may be repeated' },
    expect: { type: 'string', value: '<match|none>', summary: 'Fail (exit 1) where a package does not match, or does' },
  },
  details: [
    'Checks rule files against their schema (exit 14 where one is not valid) and, with --on, shows what they find.',
    'Nothing of a package runs.',
  ],
  async run({ args, flags, cwd, terminal }) {
    const [what, path, ...more] = args;
    if (what !== 'test' || path === undefined || more.length > 0) {
      throw usageError(
        'rules needs a word and a path: safe-install rules test <file|folder>',
        more[0] ?? what ?? 'rules',
      );
    }
    const expected = flags.string('expect');
    if (expected !== undefined && expected !== 'match' && expected !== 'none') {
      throw usageError('--expect takes match or none.', `--expect ${expected}`);
    }
    const { defaultRulesFolder, loadRules, readRuleFile } = await import('../analyze/index.js');
    const given = resolve(cwd, path);
    const base = loadRules([defaultRulesFolder(), ...(isFolder(given) ? [given] : [])]);
    const rules = ruleFiles(given).map((file) => readRuleFile(file, base));
    const set = { ...base, rules };
    const tried = [];
    for (const target of flags.strings('on')) {
      tried.push({ target, findings: await findingsIn(resolve(cwd, target), set) });
    }
    const wrong = tried.filter(
      ({ findings }) => expected !== undefined && findings.length > 0 !== (expected === 'match'),
    );
    const { findingLines, safeJson, visible } = await import('../report/index.js');
    if (flags.boolean('json')) {
      terminal.out(safeJson({ schema: 1, rules: rules.map(({ id }) => id), tried }));
    } else {
      const look = { color: terminal.color.out, columns: terminal.columns };
      terminal.out(`valid: ${rules.map(({ id }: Rule) => visible(id)).join(', ')}\n`);
      for (const { target, findings } of tried) {
        terminal.out(`${visible(target)}: ${findings.length === 0 ? 'no finding' : ''}\n`);
        for (const finding of findings) terminal.out(`${findingLines(finding, look).join('\n')}\n`);
      }
    }
    if (wrong.length > 0) {
      throw new SafeInstallError(
        `Expected ${expected === 'match' ? 'a match' : 'no match'}: ${wrong.map(({ target }) => target).join(', ')}`,
        {
          code: 'ERULETEST',
          exitCode: EXIT.npm,
          where: wrong[0]!.target,
        },
      );
    }
    return EXIT.ok;
  },
};

function ruleFiles(path: string): string[] {
  if (!isFolder(path)) return [path];
  const behaviours = join(path, 'behaviours');
  const folder = isFolder(behaviours) ? behaviours : path;
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  if (files.length === 0) throw usageError('There is no rule file (*.yaml) in this folder.', path);
  return files.sort().map((name) => join(folder, name));
}

async function findingsIn(
  target: string,
  rules: Parameters<typeof import('../analyze/index.js').analyzeFolder>[1],
): Promise<Finding[]> {
  const { analyzeFolder, analyzeTarball } = await import('../analyze/index.js');
  const ids = new Set(rules.rules.map(({ id }) => id));
  const verdict = isFolder(target)
    ? analyzeFolder(target, rules)
    : analyzeTarball(readFileSync(target), rules, { where: target });
  return verdict.findings.filter(({ rule }) => ids.has(rule));
}
