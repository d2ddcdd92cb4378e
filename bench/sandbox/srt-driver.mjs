// Runs commands under sandbox-runtime as a library: one JSON line in ({command}), one JSON line out ({ms, output, code}).
// Started with Node 24 in the folder where that package is installed; argument: the settings as JSON.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const entry = createRequire(`${process.cwd()}/`).resolve('@anthropic-ai/sandbox-runtime');
const { SandboxManager } = await import(pathToFileURL(entry).href);
const begun = performance.now();
await SandboxManager.initialize(JSON.parse(process.argv[2]));
process.stdout.write(`${JSON.stringify({ ready: performance.now() - begun })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { command, cwd } = JSON.parse(line);
  const at = performance.now();
  const wrapped = await SandboxManager.wrapWithSandbox(command);
  const child = spawn('/bin/sh', ['-c', wrapped], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((done) => child.once('close', done));
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - at, output, code })}\n`);
}
await SandboxManager.reset();
