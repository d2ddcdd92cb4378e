#!/usr/bin/env node
// `npm start`: all the set-up, then the main job on a real project, then the same project with a token stealer added.
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFolder } from './setup/root-folder.mjs';
import { capture, run } from './setup/run.mjs';
import { runMain, setup } from './setup.mjs';
import { treeHash } from './start/tree-hash.mjs';

const tool = join(rootFolder, 'bin', 'safe-install.js');

const say = (text) => console.log(`\n\u001b[1m${text}\u001b[0m`);

async function safeInstall(folder, args) {
  console.log(`\n$ cd ${folder}\n$ safe-install ${args.join(' ')}`.trimEnd());
  return run(process.execPath, [tool, ...args], { cwd: folder });
}

await runMain(async () => {
  await setup();
  const scratch = mkdtempSync(join(tmpdir(), 'safe-install-example-'));
  const project = join(scratch, 'app');
  cpSync(join(rootFolder, 'examples', 'app'), project, { recursive: true });

  say('1. A real project: every tarball is read, every dependency script runs in the sandbox');
  const installed = await safeInstall(project, []);
  if (installed !== 0) return installed;

  say('2. The same project, and somebody adds a package that steals tokens at install (inert: its host cannot exist)');
  const packed = capture('npm', [
    'pack',
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    scratch,
    join(rootFolder, 'examples', 'colour-banner'),
  ]);
  if (packed.status !== 0) throw new Error(packed.output);
  const before = treeHash(project);
  const blocked = await safeInstall(project, ['install', join('..', 'colour-banner-1.0.3.tgz')]);
  const unchanged = treeHash(project) === before;
  console.log(
    `\nexit code ${blocked}; the project is ${unchanged ? 'byte for byte what it was' : 'CHANGED'} (${project})`,
  );
  return blocked === 10 && unchanged ? 0 : 1;
});
