#!/usr/bin/env node
// `npm test`: all the set-up, then every test; arguments go to vitest (`npm test -- test/run`).
import { join } from 'node:path';
import { rootFolder } from './setup/root-folder.mjs';
import { run } from './setup/run.mjs';
import { runMain, setup } from './setup.mjs';

await runMain(async () => {
  await setup({ tests: true });
  const vitest = join(rootFolder, 'node_modules', 'vitest', 'vitest.mjs');
  return run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { cwd: rootFolder });
});
