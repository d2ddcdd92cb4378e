// The probe table of test/e2e/sandbox for safe-install and for sandbox-runtime: `npm run bench:probes -- [--write]`. As root.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { identities, runProbes } from '../../test/e2e/sandbox/enter-world.js';
import type { Probe, ProbeResult } from '../../test/e2e/sandbox/probe.js';
import { writeSection } from '../harness/results.js';
import { installSrt, SRT_VERSION } from './srt.js';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
// The probes run as a throw-away user, who may not enter the cache of ours.
const folder = mkdtempSync(join(tmpdir(), 'si-srt-'));
chmodSync(folder, 0o755);
cpSync(await installSrt(), folder, { recursive: true });
process.env['SI_OTHER_FOLDER'] = folder;
const identity = identities.includes('user') ? 'user' : 'self';
const all = await runProbes(identity, 'all', 'bench/sandbox/srt-in-world.ts');
rmSync(folder, { recursive: true });
// sandbox-runtime's proxy leaves loopback out, so what asks the registry there would fail for the wrong reason.
const rows = parse(readFileSync(new URL('../../test/e2e/sandbox/probes.yaml', import.meta.url), 'utf8')) as Probe[];
const atRegistry = new Set(rows.filter((row) => JSON.stringify(row).includes('{REGISTRY}')).map(({ name }) => name));
const results = all.filter(
  (result): result is ProbeResult => result.area !== 'control' && result.raw && !atRegistry.has(result.name),
);

const lines = [
  '## Sandbox: probes',
  '',
  `Attempts of \`test/e2e/sandbox/probes.yaml\` that succeed without a sandbox (as an unprivileged user), and how many of them still do`,
  `inside; sandbox-runtime ${SRT_VERSION} with the well-known credentials in denyRead and only the package in allowWrite. Without the`,
  `${atRegistry.size} rows that ask the registry: its proxy leaves loopback out, where the test's registry stands.`,
  '',
  '| area | attempts | safe-install | sandbox-runtime |',
  '|---|---|---|---|',
];
const count = (rows: ProbeResult[]) =>
  `${rows.length} | ${rows.filter(({ confined }) => confined).length} | ${rows.filter(({ other }) => other === true).length}${rows.some(({ other }) => other === null) ? ` (${rows.filter(({ other }) => other === null).length} could not start)` : ''}`;
for (const area of new Set(results.map((result) => result.area))) {
  lines.push(`| ${area} | ${count(results.filter((result) => result.area === area))} |`);
}
lines.push(`| all | ${count(results)} |`, '');
const through = results.filter(({ other }) => other === true).map(({ area, name }) => `${area}: ${name}`);
lines.push(`Through sandbox-runtime: ${through.join(' · ') || 'none'}.`);
const own = results.filter(({ confined }) => confined).map(({ area, name }) => `${area}: ${name}`);
lines.push(`Through safe-install: ${own.join(' · ') || 'none'}.`);
const markdown = lines.join('\n');
console.log(markdown);
if (values.write) await writeSection('bench:probes', markdown);
