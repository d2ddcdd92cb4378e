import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createSandbox, defaultGrant, type Sandbox } from '../../src/sandbox/index.js';
import { installSrt, node24, SRT_VERSION, SrtDriver, srtSettings } from './srt.js';

const run = promisify(execFile);

/** One way to run a command; gives the milliseconds and what it printed. */
export interface Way {
  name: string;
  run(command: string): Promise<{ ms: number; output: string }>;
  close(): Promise<void>;
}

export interface Place {
  project: string;
  folder: string;
  stateDir: string;
  registry: string;
}

const MINIMAL = [
  '--unshare-all',
  '--cap-drop',
  'ALL',
  '--die-with-parent',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
];

async function timed(program: string, args: string[], cwd: string): Promise<{ ms: number; output: string }> {
  const begun = performance.now();
  const { stdout } = await run(program, args, { cwd, maxBuffer: 1 << 24 });
  return { ms: performance.now() - begun, output: stdout };
}

const nothing = async () => {};

/** The shell alone. */
export const plain = (place: Place): Way => ({
  name: 'plain',
  run: (command) => timed('/bin/sh', ['-c', command], place.folder),
  close: nothing,
});

/** bubblewrap with all namespaces and the whole file tree read-only: what a sandbox costs at least. */
export const bubblewrap = (place: Place): Way => ({
  name: 'bubblewrap alone',
  run: (command) =>
    timed('bwrap', [...MINIMAL, '--bind', place.folder, place.folder, '--', '/bin/sh', '-c', command], place.folder),
  close: nothing,
});

function open(place: Place): Promise<Sandbox> {
  return createSandbox({
    projectRoot: place.project,
    readable: [`${place.project}/node_modules`],
    registries: [{ url: place.registry }],
    upstream: {},
    stateDir: place.stateDir,
    require: 'full',
  });
}

async function script(sandbox: Sandbox, place: Place, command: string): Promise<{ ms: number; output: string }> {
  const begun = performance.now();
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  const request = {
    package: 'subject@1.0.0',
    location: 'node_modules/subject',
    event: 'postinstall',
    cwd: place.folder,
    env,
  };
  const done = await sandbox.run({ ...request, command, stdio: 'pipe' }, defaultGrant());
  if (done.exitCode !== 0) throw new Error(`${command}: ${done.exitCode} ${done.output}`);
  return { ms: performance.now() - begun, output: done.output };
}

/** Ours, as an install has it after its first script. */
export async function ours(place: Place): Promise<Way> {
  const sandbox = await open(place);
  await script(sandbox, place, ':');
  return { name: 'safe-install', run: (command) => script(sandbox, place, command), close: () => sandbox.close() };
}

/** Ours from nothing: gateway, outer sandbox, helper and script. */
export const oursCold = (place: Place): Way => ({
  name: 'safe-install',
  run: async (command) => {
    const begun = performance.now();
    const sandbox = await open(place);
    try {
      const { output } = await script(sandbox, place, command);
      return { ms: performance.now() - begun, output };
    } finally {
      await sandbox.close();
    }
  },
  close: nothing,
});

/** Ours, the first script of an install whose first session was started while packages were being built. */
export const oursWarmedUp = (place: Place): Way => ({
  name: 'safe-install, first script after the warm-up',
  run: async (command) => {
    const sandbox = await open(place);
    try {
      await sandbox.warmUp?.();
      return await script(sandbox, place, command);
    } finally {
      await sandbox.close();
    }
  },
  close: nothing,
});

/** Ours, the first script of an install whose sandbox was created while packages were being unpacked. */
export const oursFirst = (place: Place): Way => ({
  name: 'safe-install, first script',
  run: async (command) => {
    const sandbox = await open(place);
    try {
      return await script(sandbox, place, command);
    } finally {
      await sandbox.close();
    }
  },
  close: nothing,
});

/** sandbox-runtime as a library, warm, and as a command, cold. */
export async function sandboxRuntime(place: Place): Promise<{ warm: Way; cold: Way }> {
  const folder = await installSrt();
  const settings = srtSettings(place.folder, ['/root/.ssh'], [new URL(place.registry).host, '127.0.0.1']);
  const driver = await SrtDriver.start(folder, settings);
  const { writeFile } = await import('node:fs/promises');
  const file = `${place.stateDir}-srt.json`;
  await writeFile(file, settings);
  const cli = `${folder}/node_modules/@anthropic-ai/sandbox-runtime/dist/cli.js`;
  return {
    warm: {
      name: `sandbox-runtime ${SRT_VERSION}`,
      run: (command) => driver.run(command, place.folder),
      close: () => driver.close(),
    },
    cold: {
      name: `sandbox-runtime ${SRT_VERSION}`,
      run: (command) => timed(node24(folder), [cli, '--settings', file, '-c', command], place.folder),
      close: nothing,
    },
  };
}
