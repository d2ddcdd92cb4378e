import { stringify } from 'yaml';
import type { Rule } from '../../src/analyze/index.js';

/** The page of one rule, in Markdown: what it says, how it weighs, what it asks, what separates the benign. */
export function rulePage(rule: Rule): string {
  const weights = Object.entries(rule.weight).map(
    ([phase, points = 0]) => `| ${phase} | ${points} | ${Math.round(points * rule.asked)} |`,
  );
  const parts = [
    `# ${rule.title}`,
    `\`${rule.id}\` · family ${rule.family} · severity ${rule.severity}`,
    rule.why,
    ['| phase | points | only when called |', '|---|---|---|', ...weights].join('\n'),
  ];
  if (rule.floor !== undefined) parts.push(`The verdict is at least **${rule.floor}**.`);
  if (rule.soften.length > 0) {
    const rows = rule.soften.map((separator) => `- ×${separator.factor}: ${separator.why}`);
    parts.push(['## What weighs less', ...rows].join('\n'));
  }
  const { when, unless, near } = rule;
  parts.push(
    `## Condition\n\nMembers of \`all\` must agree on the ${near}.\n\n\`\`\`yaml\n${stringify({ when, ...(unless === undefined ? {} : { unless }) }).trimEnd()}\n\`\`\``,
  );
  if (rule.references.length > 0)
    parts.push(`## References\n\n${rule.references.map((reference) => `- ${reference}`).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

/** The table of all rules, by family. */
export function indexPage(rules: readonly Rule[]): string {
  const families = [...new Set(rules.map((rule) => rule.family))].sort();
  const sections = families.map((family) => {
    const rows = rules
      .filter((rule) => rule.family === family)
      .map((rule) => `| [${rule.id}](${rule.id}.md) | ${rule.title} | ${points(rule)} |`);
    return [`## ${family}`, '', '| rule | what it finds | points |', '|---|---|---|', ...rows].join('\n');
  });
  return `# Rules\n\n${rules.length} rules, generated from \`rules/behaviours\` by \`npm run docs:rules\`. How they are written: [writing.md](writing.md).\n\n${sections.join('\n\n')}\n`;
}

function points(rule: Rule): string {
  return Object.entries(rule.weight)
    .map(([phase, weight]) => `${phase} ${weight}`)
    .join(', ');
}
