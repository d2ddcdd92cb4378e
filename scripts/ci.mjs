#!/usr/bin/env node
// CI: npm test, lint, typecheck, the unit tests on the other supported Nodes, and our own house (P7).
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNode } from './ci/other-node.mjs';
import { countVitest } from './ci/vitest-count.mjs';
import { rootFolder } from './setup/root-folder.mjs';
import { run } from './setup/run.mjs';

const results = mkdtempSync(join(tmpdir(), 'safe-install-ci-'));
const totals = { passed: 0, failed: 0 };
const failures = [];

function record(name, counts) {
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  if (counts.failed > 0) failures.push(`${name}: ${counts.failed} failed`);
}

async function step(name, command, args) {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const code = await run(command, args, { cwd: rootFolder });
  console.log(`=== ${name}: ${code === 0 ? 'ok' : `exit ${code}`} in ${Math.round((Date.now() - started) / 1000)} s`);
  return code;
}

async function check(name, command, args) {
  const code = await step(name, command, args);
  record(name, code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

async function vitest(name, command, args, file) {
  const report = join(results, file);
  const code = await step(name, command, [
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  record(name, countVitest(report, code));
}

const vitestBin = join('node_modules', 'vitest', 'vitest.mjs');
await vitest('npm test', 'npm', ['test', '--silent', '--'], 'test.json');
await check('lint', 'npm', ['run', '--silent', 'lint']);
await check('typecheck', 'npm', ['run', '--silent', 'typecheck']);
for (const major of [22, 24]) {
  const node = await ensureNode(major);
  await vitest(`unit tests on Node ${major}`, node, [vitestBin, 'run', '--project', 'unit'], `node-${major}.json`);
}
await check('own house', process.execPath, [join('scripts', 'own-house.mjs')]);

for (const line of failures) console.log(`FAILED ${line}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
