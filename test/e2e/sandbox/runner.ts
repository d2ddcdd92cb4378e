import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { SandboxEvent } from '../../../src/model.js';
import { createSandbox, defaultGrant, type Sandbox } from '../../../src/sandbox/index.js';
import type { Control, ControlResult, Probe, ProbeResult } from './probe.js';
import { copyTree, fillIn, resetWorld, type World } from './world.js';

/* Runs every probe raw and confined, as whoever it was started as, and writes one JSON line a probe. */
const world = JSON.parse(process.env['SI_WORLD']!) as World;
const results = process.env['SI_RESULTS']!;
const only = process.env['SI_WHAT'] === 'all' ? null : new RegExp(process.env['SI_WHAT']!);
delete process.env['SI_WORLD'];
const here = dirname(fileURLToPath(import.meta.url));
const probes = parse(readFileSync(join(here, 'probes.yaml'), 'utf8')) as Probe[];
const PRELUDE = `import os,sys,ctypes
print('STARTED',flush=True)
R='REA'+'CHED'
_l=ctypes.CDLL(None,use_errno=True)
_l.syscall.restype=ctypes.c_long
def sc(n,*a):
  r=_l.syscall(ctypes.c_long(n),*[ctypes.c_void_p(x & 0xffffffffffffffff) for x in a])
  return r,ctypes.get_errno()
`;

function run(command: string, cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd,
      env: process.env,
      stdio: ['inherit', 'pipe', 'pipe', ...new Array<'ignore'>(6).fill('ignore'), 9],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      setTimeout(() => done({ code, output }), 5);
    });
  });
}

/** Writes the probe's program into the package and gives the command that starts it. */
function commandOf(
  probe: Pick<Probe, 'sh' | 'node' | 'python'>,
  subject: string,
  fill: (text: string) => string,
): string {
  if (probe.sh !== undefined) return `echo STARTED; ${fill(probe.sh)}`;
  const [file, program, text] =
    probe.node === undefined
      ? ['probe.py', 'python3', `${PRELUDE}${fill(probe.python!).replaceAll("'REACHED'", 'R')}\n`]
      : ['probe.js', 'node', `console.log('STARTED');\n${fill(probe.node)}\n`];
  writeFileSync(join(subject, file), text);
  return `${program} ${file}`;
}

type How = 'raw' | 'confined' | 'other';

/** Another sandbox to compare with (bench/sandbox/probes.ts): a module that exports `openOther`. */
type OpenOther = (
  world: World,
) => Promise<{ run(command: string, cwd: string): Promise<{ output: string }>; close(): Promise<void> }>;
const otherModule = process.env['SI_OTHER'];
const other =
  otherModule === undefined
    ? null
    : await ((await import(join(here, '../../..', otherModule))) as { openOther: OpenOther }).openOther(world);

async function attempt(
  probe: Probe,
  how: How,
  sandbox: Sandbox,
  number: number,
): Promise<{ reached: boolean; output: string }> {
  resetWorld(world);
  rmSync(world.LOG, { force: true });
  writeFileSync(world.LOG, '');
  const subject = join(world.PROJECT, 'node_modules/subject');
  const more = {
    PID: process.pid,
    // As a pattern that does not match itself.
    RUNNERMARK: `mark-[${world.WORLD[0]}]${world.WORLD.slice(1)}`,
    RUNNERCWD: process.cwd(),
    RUNNERCOMM: readFileSync('/proc/self/comm', 'utf8').trim(),
    MARK: `m${number}${how[0]}${world.WORLD}`,
    NUMBER: `${number}${['raw', 'confined', 'other'].indexOf(how) + 1}${process.pid}`,
  };
  const fill = (text: string) => fillIn(text, world, more);
  const command = commandOf(probe, subject, fill);
  const env = process.env as Record<string, string>;
  const { output } =
    how === 'raw'
      ? await run(command, subject)
      : how === 'other'
        ? await other!.run(command, subject)
        : await sandbox.run(
            {
              package: 'subject@1.0.0',
              location: 'node_modules/subject',
              event: 'postinstall',
              command,
              cwd: subject,
              env,
              stdio: 'pipe',
            },
            defaultGrant({ wallMs: 20_000 }),
          );
  if (!output.includes('STARTED')) throw new Error(`${probe.name}: the probe did not start (${how}): ${output}`);
  const after = probe.after === undefined ? null : await run(fill(probe.after), '/');
  if (probe.undo !== undefined) await run(fill(probe.undo), '/');
  return { reached: after === null ? output.includes('REACHED') : after.code === 0, output };
}

async function control(row: Control, sandbox: Sandbox): Promise<ControlResult> {
  const missing =
    (row.needs !== undefined && (await run(`command -v ${row.needs}`, '/')).code !== 0) ||
    (row.headers === true &&
      !existsSync(join(dirname(dirname(realpathSync(process.execPath))), 'include/node/node.h')));
  if (missing) return { name: row.name, area: 'control', outcome: 'missing', exitCode: null, output: '', ms: 0 };
  resetWorld(world);
  const modules = join(world.PROJECT, 'node_modules');
  const fill = (text: string) => fillIn(text, world, { PLATFORM: `${process.platform}-${process.arch}` });
  for (const name of (row.copy ?? []).map(fill))
    copyTree(join(here, '../../../node_modules', name), join(modules, name));
  const folder = join(modules, row.in ?? 'subject');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const env = {
    ...(process.env as Record<string, string>),
    npm_lifecycle_event: 'postinstall',
    npm_config_user_agent: 'npm/11.0.0 node/v20.19.0 linux x64',
    npm_node_execpath: process.execPath,
  };
  const done = await sandbox.run(
    {
      package: `${row.in ?? 'subject'}@${version}`,
      location: `node_modules/${row.in ?? 'subject'}`,
      event: 'postinstall',
      command: commandOf(row, folder, fill),
      cwd: folder,
      env,
      stdio: 'pipe',
    },
    defaultGrant(),
  );
  const after = row.after === undefined ? 0 : (await run(fill(row.after), '/')).code;
  const ok = done.exitCode === 0 && /^OK$/m.test(done.output) && after === 0;
  return {
    name: row.name,
    area: 'control',
    outcome: ok ? 'ok' : 'failed',
    exitCode: done.exitCode,
    output: done.output.slice(-1500),
    ms: done.ms,
  };
}

const events: SandboxEvent[] = [];
resetWorld(world);
const sandbox = await createSandbox({
  projectRoot: world.PROJECT,
  readable: [join(world.PROJECT, 'node_modules')],
  registries: [{ url: world.REGISTRY }],
  upstream: {},
  stateDir: join(world.TMP, 'state'),
  require: 'full',
  onEvent: (event) => events.push(event),
});
try {
  for (const [number, probe] of probes.entries()) {
    if (only !== null && !only.test(probe.name)) continue;
    if (probe.as === 'root' && process.env['SI_IDENTITY'] !== 'root') continue;
    const raw = await attempt(probe, 'raw', sandbox, number);
    events.length = 0;
    const confined = await attempt(probe, 'confined', sandbox, number);
    const third = other === null ? null : await attempt(probe, 'other', sandbox, number).catch(() => null);
    const result: ProbeResult = {
      name: probe.name,
      area: probe.area,
      raw: raw.reached,
      confined: confined.reached,
      ...(other === null ? {} : { other: third?.reached ?? null }),
      rawOutput: raw.output.slice(-600),
      confinedOutput: confined.output.slice(-600),
      events: events.map(({ class: kind, action, target }) => `${kind} ${action} ${target}`),
    };
    appendFileSync(results, `${JSON.stringify(result)}\n`);
  }
  const controls = parse(readFileSync(join(here, 'controls.yaml'), 'utf8')) as Control[];
  for (const row of controls) {
    if (only !== null && !only.test(row.name)) continue;
    appendFileSync(results, `${JSON.stringify(await control(row, sandbox))}\n`);
  }
} finally {
  await sandbox.close();
  await other?.close();
}
