import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { benchCache } from '../harness/project.js';
import type { Contender } from './contender.js';

const PEER = '@nodesecure/js-x-ray@16';

/** js-x-ray on Node 24, both brought from npm once into the bench cache; they are no dependencies of ours. */
export async function jsXRay(): Promise<Contender> {
  const folder = join(benchCache(), 'js-x-ray');
  const node = `node-${process.platform}-${process.arch}`;
  const modules = join(folder, 'node_modules');
  const entry = join(modules, '@nodesecure', 'js-x-ray', 'dist', 'index.js');
  const execPath = join(modules, node, 'bin', 'node');
  if (!existsSync(entry) || !existsSync(execPath)) {
    await mkdir(folder, { recursive: true });
    await execa('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-save', PEER, `${node}@24`]);
  }
  return { name: PEER.slice(1), module: './js-x-ray.child.mjs', execPath, execArgv: [], args: [entry] };
}
