#!/usr/bin/env node
// Own house (P7): no runtime dependency has an install script; this repository installs with safe-install itself;
// its packed tarball works from an empty global prefix.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packagesWithScripts } from './own-house/install-scripts.mjs';
import { rootFolder } from './setup/root-folder.mjs';
import { capture, run } from './setup/run.mjs';
import { runMain, setup } from './setup.mjs';

const tool = join(rootFolder, 'bin', 'safe-install.js');

function fail(text) {
  console.error(`own house: ${text}`);
  return 1;
}

await runMain(async () => {
  await setup();
  const guilty = packagesWithScripts(rootFolder);
  if (guilty.length > 0) return fail(`runtime dependencies with install scripts: ${guilty.join(', ')}`);
  console.log('own house: no runtime dependency has an install script');

  const scratch = mkdtempSync(join(tmpdir(), 'safe-install-own-house-'));
  const copy = join(scratch, 'copy');
  const tracked = capture('git', ['ls-files', '-z'], { cwd: rootFolder }).output.split('\0').filter(Boolean);
  for (const file of tracked) {
    if (!existsSync(join(rootFolder, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(rootFolder, file), join(copy, file));
  }
  const code = await run(process.execPath, [tool, 'ci'], { cwd: copy });
  if (code !== 0) return fail(`safe-install ci in a copy of this repository ended with ${code}`);
  console.log('own house: safe-install installed its own repository');

  const pack = capture('npm', ['pack', '--silent', '--pack-destination', scratch], { cwd: rootFolder });
  if (pack.status !== 0) return fail(`npm pack: ${pack.output}`);
  const tarball = join(scratch, pack.output.trim().split('\n').at(-1));
  const prefix = join(scratch, 'prefix');
  const global = capture('npm', ['install', '--global', '--prefix', prefix, '--ignore-scripts', tarball]);
  if (global.status !== 0) return fail(`global install of the packed tarball: ${global.output}`);
  const version = capture(join(prefix, 'bin', 'safe-install'), ['--version'], { cwd: scratch });
  const expected = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8')).version;
  if (version.status !== 0 || version.output.trim() !== expected) return fail(`--version said ${version.output}`);
  const help = capture(join(prefix, 'bin', 'safe-install'), ['--help'], { cwd: scratch });
  if (help.status !== 0 || !help.output.includes('safe-install')) return fail(`--help said ${help.output}`);
  console.log(`own house: packed, installed globally, --version ${expected}`);
  rmSync(scratch, { recursive: true, force: true });
  return 0;
});
