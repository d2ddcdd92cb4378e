// Runs every bench of package.json one after the other and writes its section: `npm run bench`. Takes an hour; a quiet machine.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));
const benches = Object.keys(scripts).filter((name) => name.startsWith('bench:') && name !== 'bench:check');
const failed = benches.filter((name) => {
  console.error(`\n> ${name}`);
  return spawnSync('npm', ['run', '--silent', name, '--', '--write'], { stdio: 'inherit' }).status !== 0;
});
const check = spawnSync('npm', ['run', '--silent', 'bench:check'], { stdio: 'inherit' });
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 || check.status !== 0 ? 1 : 0;
