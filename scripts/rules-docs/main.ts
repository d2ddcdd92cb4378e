import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultRulesFolder, loadRules } from '../../src/analyze/index.js';
import { indexPage, rulePage } from './page.js';

const KEPT_BY_HAND = new Set(['writing.md']);
const folder = fileURLToPath(new URL('../../docs/rules/', import.meta.url));
const { rules } = loadRules([defaultRulesFolder()]);
const pages = new Map([
  ['README.md', indexPage(rules)],
  ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const),
]);

mkdirSync(folder, { recursive: true });
const before = readdirSync(folder).filter((name) => name.endsWith('.md') && !KEPT_BY_HAND.has(name));
const stale = before.filter((name) => !pages.has(name));
const changed = [...pages].filter(
  ([name, text]) => !before.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
);

if (process.argv.includes('--check')) {
  if (stale.length + changed.length > 0) {
    process.stderr.write(
      `docs/rules is not what rules/behaviours says: ${[...stale, ...changed.map(([name]) => name)].slice(0, 10).join(', ')}\nRun \`npm run docs:rules\`.\n`,
    );
    process.exitCode = 1;
  }
} else {
  for (const name of stale) rmSync(join(folder, name));
  for (const [name, text] of changed) writeFileSync(join(folder, name), text);
  process.stdout.write(`${pages.size} pages, ${changed.length} written, ${stale.length} removed\n`);
}
