// Compares numbers just taken with those kept in git: `npm run bench:check -- [<ref>]`, after benches ran with --write.
// A metric regressed when its median is worse than the kept one by more than both runs' own noise; exit 1 then.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judgeChange } from './harness/regression.js';
import { type Kept, keptFile, keptSchema, readKept } from './harness/results.js';

const { positionals } = parseArgs({ allowPositionals: true });
const ref = positionals[0] ?? 'HEAD';
const folder = keptFile('x').slice(0, -'x.json'.length);
let regressed = 0;
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
if (files.length === 0) console.log('nothing was measured yet: run benches with --write');
for (const file of files) {
  const fresh = await readKept(`${folder}${file}`);
  const kept = keptIn(ref, file);
  if (fresh === null) continue;
  if (kept === null) {
    console.log(`${fresh.bench}: nothing kept at ${ref}`);
    continue;
  }
  for (const [name, now] of Object.entries(fresh.metrics)) {
    const before = kept.metrics[name];
    if (before === undefined) continue;
    const change = judgeChange(before, now);
    if (change.verdict === 'worse') regressed += 1;
    const percent = `${change.factor >= 1 ? '+' : ''}${((change.factor - 1) * 100).toFixed(0)} %`;
    console.log(
      `${change.verdict.padEnd(6)} ${fresh.bench} ${name}: ${before.median.toFixed(2)} → ${now.median.toFixed(2)} ${now.unit} (${percent}, noise ${(change.noise * 100).toFixed(0)} %)`,
    );
  }
}
console.log(regressed === 0 ? 'nothing regressed beyond noise' : `${regressed} metrics regressed`);
process.exitCode = regressed === 0 ? 0 : 1;

function keptIn(commit: string, file: string): Kept | null {
  try {
    const text = execFileSync('git', ['show', `${commit}:bench/kept/${file}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return keptSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
