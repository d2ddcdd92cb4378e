// Runs every bench of package.json one after the other and writes its section: `npm run bench -- --folder <disk>`. Takes
// hours, and wants a quiet machine and a folder on a journalled file system.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const { values } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = values.folder ?? process.env['SAFE_INSTALL_BENCH_FOLDER'] ?? tmpdir();
const env = { ...process.env, SAFE_INSTALL_BENCH_FOLDER: folder };

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));
const benches = Object.keys(scripts).filter((name) => name.startsWith('bench:') && name !== 'bench:check');
const failed = benches.filter((name) => {
  console.error(`\n> ${name}`);
  return spawnSync('npm', ['run', '--silent', name, '--', '--write'], { stdio: 'inherit', env }).status !== 0;
});
const check = spawnSync('npm', ['run', '--silent', 'bench:check'], { stdio: 'inherit' });
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 || check.status !== 0 ? 1 : 0;
