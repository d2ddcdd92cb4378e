#!/usr/bin/env node
// Brings everything that safe-install needs onto this machine: its npm dependencies, its build, bubblewrap.
// Plain Node without dependencies, because it runs before any are there.
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { SetupError } from './setup/error.mjs';
import { checkNode } from './setup/node-version.mjs';
import { ensureSandboxTools, ensureTestTools } from './setup/system-packages.mjs';

/** Does the whole set-up; with `tests` also brings the tools that the end-to-end tests build with. */
export async function setup({ tests = false } = {}) {
  checkNode();
  await ensureDependencies();
  await ensureBuild();
  if (tests) await ensureTestTools();
  await ensureSandboxTools();
}

/** Runs a script's main function and prints a SetupError as a person should read it. */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\nset-up stopped: ${error.message}`);
    for (const line of error.next) console.error(`  ${line}`);
    process.exitCode = 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  await runMain(() => setup({ tests: process.argv.includes('--tests') }));
}
