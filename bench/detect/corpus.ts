import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pacote from 'pacote';
import { benchCache } from '../harness/project.js';
import type { Sample, SampleSet } from './sample.js';

const LISTS: { set: SampleSet; file: string }[] = [
  { set: 'real with scripts', file: 'benign-with-scripts.txt' },
  { set: 'real popular', file: 'benign-popular.txt' },
];
const CONCURRENT = 3;
const ATTEMPTS = 4;

/** The real packages of the lists in this folder that are in the bench cache or can be fetched into it. */
export async function corpus(log: (line: string) => void): Promise<{ samples: Sample[]; missing: string[] }> {
  const wanted: Sample[] = [];
  for (const { set, file } of LISTS) {
    const specs = await readList(fileURLToPath(new URL(`lists/${file}`, import.meta.url)));
    wanted.push(...specs.map((spec) => sample(set, spec)));
  }
  const absent = wanted.filter(({ path }) => !existsSync(path));
  if (absent.length > 0) log(`fetching ${absent.length} of ${wanted.length} packages into ${tarballs()}`);
  const missing = absent.length > 0 ? await fetchAll(absent, log) : [];
  return { samples: wanted.filter(({ id }) => !missing.includes(id)), missing };
}

function tarballs(): string {
  return join(benchCache(), 'tarballs');
}

function sample(set: SampleSet, spec: string): Sample {
  const path = join(tarballs(), `${spec.replaceAll('/', '+')}.tgz`);
  return { set, id: spec, path, kind: 'tarball', phase: null, family: null, right: ['allow'] };
}

async function readList(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.replace(/\s*#.*$/, '').trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

async function fetchAll(absent: Sample[], log: (line: string) => void): Promise<string[]> {
  await mkdir(tarballs(), { recursive: true });
  const { stdout } = await execa('npm', ['config', 'get', 'registry']);
  const queue = [...absent];
  const missing: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await fetchOne(next, stdout.trim()))) missing.push(next.id);
      if (queue.length % 50 === 0) log(`${queue.length} to fetch`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return missing;
}

async function fetchOne({ id, path }: Sample, registry: string): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const bytes = await pacote.tarball(id, { registry, cache: join(benchCache(), 'cacache'), ignoreScripts: true });
      await writeFile(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
      return true;
    } catch {
      await wait(1000 * attempt);
    }
  }
  return false;
}
