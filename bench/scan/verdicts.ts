import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const verdictSchema = z.object({
  action: z.enum(['allow', 'review', 'block']),
  score: z.number(),
  rules: z.array(z.string()),
  findings: z.number(),
});

/** What is kept of a verdict, to see whether a change of the analyzer changes it. */
export type KeptVerdict = z.infer<typeof verdictSchema>;

const fileSchema = z.record(z.string(), verdictSchema);

/** Writes verdicts by package, for `--against` of a later run. */
export function writeVerdicts(file: string, verdicts: ReadonlyMap<string, KeptVerdict>): void {
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(verdicts), null, 1)}\n`);
}

export function readVerdicts(file: string): Map<string, KeptVerdict> {
  return new Map(Object.entries(fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))));
}

/** One line for each package whose action, score or rules differ; packages that only one side knows are left out. */
export function differences(
  before: ReadonlyMap<string, KeptVerdict>,
  after: ReadonlyMap<string, KeptVerdict>,
): string[] {
  const lines: string[] = [];
  for (const [id, now] of after) {
    const then = before.get(id);
    if (then === undefined) continue;
    const gone = then.rules.filter((rule) => !now.rules.includes(rule));
    const come = now.rules.filter((rule) => !then.rules.includes(rule));
    if (then.action === now.action && then.score === now.score && gone.length === 0 && come.length === 0) continue;
    const rules = [...gone.map((rule) => `-${rule}`), ...come.map((rule) => `+${rule}`)].join(' ');
    lines.push(`${id}: ${then.action} ${then.score} → ${now.action} ${now.score} ${rules}`.trimEnd());
  }
  return lines;
}
