import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { plain, talker } from './made.js';
import { markerScanner } from './marker-scanner.js';
import { hashTree, makeProject, type TestProject } from './project.js';
import { freePort, startRegistry, type TestRegistry } from './registry.js';

const rooms = { createScanner: markerScanner };
const isRoot = process.getuid?.() === 0;
let registry: TestRegistry;
const projects: TestProject[] = [];

async function project(files: Record<string, unknown>, url = registry.url): Promise<TestProject> {
  const made = await makeProject(url, files);
  projects.push(made);
  return made;
}

const wants = (dependencies: Record<string, string>): Record<string, unknown> => ({
  'package.json': { name: 'p', version: '1.0.0', dependencies },
});

beforeAll(async () => {
  registry = await startRegistry();
  const big = plain('big', '1.0.0', { bin: { big: 'index.js' } });
  for (const made of [
    plain('leaf', '1.0.0'),
    plain('leaf', '1.1.0'),
    talker('scripted', '1.0.0', ['install']),
    { ...big, files: { ...big.files, 'data.txt': 'x'.repeat(6 * 1024 * 1024) } },
    plain('wants-leaf-2', '1.0.0', { peerDependencies: { leaf: '^2.0.0' } }),
  ]) {
    await registry.publish(made);
  }
});
afterEach(async () => {
  for (const made of projects.splice(0)) {
    await made.remove();
  }
});
afterAll(() => registry.stop());

/** Runs install in a project that must fail, and stay as it is. */
async function fails(
  made: TestProject,
  command: 'install' | 'ci' | 'uninstall',
  specs: string[] = [],
  argv: string[] = [],
): Promise<{ code: string; message: string; where: string | null; next: string[] }> {
  const before = await made.tree();
  const report = await made.run(command, specs, { rooms, argv });
  expect(report.exitCode).toBe(1);
  expect(await made.tree()).toEqual(before);
  expect(report.error).not.toBeNull();
  expect(report.error?.message).not.toBe('');
  return report.error!;
}

test('nobody answers at the registry', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const error = await fails(await project(wants({ leaf: '1.0.0' }), url), 'install');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  expect(error.next.join(' ')).toContain('registry');
});

test('the registry stops answering between resolving and fetching', async () => {
  const made = await project(wants({ leaf: '1.0.0' }));
  await made.run('install', [], { rooms, argv: ['--package-lock-only'] });
  await rm(join(made.outside, 'npm-cache'), { recursive: true });
  const gone = `http://127.0.0.1:${await freePort()}/`;
  const lock = (await made.read('package-lock.json')).replaceAll(registry.url, gone);
  await made.write({ 'package-lock.json': lock });
  expect(await fails(made, 'ci', [], ['--registry', gone])).toMatchObject({ code: 'ECONNREFUSED' });
});

test('an unknown package, an unknown version', async () => {
  const made = await project(wants({}));
  expect(await fails(made, 'install', ['no-such-package-here'])).toMatchObject({ code: 'E404' });
  expect(await fails(made, 'install', ['leaf@9'])).toMatchObject({ code: 'ETARGET' });
});

test.each([
  ['not JSON', '{ "name": "p", '],
  ['not an object', '"p"'],
])('a package.json that is %s', async (_name, text) => {
  const made = await project({ 'package.json': text });
  const error = await fails(made, 'install', ['leaf']);
  expect(error.message).not.toMatch(/undefined|Cannot read/);
});

test('a lock file that is no JSON is refused by ci, and by install as npm does', async () => {
  const made = await project({ ...wants({ leaf: '1.0.0' }), 'package-lock.json': '{ "lockfileVersion": 3, ' });
  expect(await fails(made, 'ci')).toMatchObject({ code: 'EUSAGE' });
});

test('ci without a lock file, and with one that does not fit', async () => {
  const made = await project(wants({ leaf: '1.0.0' }));
  expect(await fails(made, 'ci')).toMatchObject({ code: 'EUSAGE' });
  await made.run('install', [], { rooms });
  await made.write(wants({ leaf: '1.1.0' }));
  const error = await fails(made, 'ci');
  expect(error.code).toBe('EUSAGE');
  expect(error.next.join('\n')).toContain('leaf@1.1.0');
});

test('a hash in the lock file that is not the tarball’s', async () => {
  const made = await project(wants({ leaf: '1.0.0' }));
  await made.run('install', [], { rooms, argv: ['--package-lock-only'] });
  const lock = await made.read('package-lock.json');
  await made.write({ 'package-lock.json': lock.replace(/sha512-[^"]+/, `sha512-${'A'.repeat(86)}==`) });
  const error = await fails(made, 'ci');
  expect(error.code).toBe('EINTEGRITY');
  expect(error.next.length).toBeGreaterThan(0);
});

test('peers that cannot be had together', async () => {
  const error = await fails(await project(wants({ leaf: '1.0.0', 'wants-leaf-2': '1.0.0' })), 'install');
  expect(error.code).toMatch(/ERESOLVE|ETARGET/);
});

test('uninstall without a name', async () => {
  expect(await fails(await project(wants({ leaf: '1.0.0' })), 'uninstall')).toMatchObject({ code: 'EUSAGE' });
});

test('the analyzer does not start', async () => {
  const made = await project(wants({ leaf: '1.0.0' }));
  const before = await made.tree();
  const createScanner = async (): Promise<never> => {
    throw new Error('rules are broken');
  };
  const report = await made.run('install', [], { rooms: { createScanner } });
  expect(report).toMatchObject({ exitCode: 1, error: { message: 'rules are broken' } });
  expect(await made.tree()).toEqual(before);
});

test.runIf(isRoot)('a full disk: nothing half-written, and it says so', async () => {
  const made = await project({});
  const disk = join(made.outside, 'disk');
  await mkdir(disk);
  const run = promisify(execFile);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  try {
    await writeFile(
      join(disk, 'package.json'),
      JSON.stringify({ name: 'p', version: '1.0.0', dependencies: { leaf: '1.0.0' } }),
    );
    const { installProject } = await import('../../src/install/index.js');
    const { TEST_POLICY } = await import('./project.js');
    const install = async (specs: string[]) =>
      installProject({
        command: 'install',
        specs,
        npm: { ...(await made.npm()), path: disk },
        policy: TEST_POLICY,
        approvals: [],
        stateDir: join(made.outside, 'state'),
        rulesFolders: [],
        rooms,
      });
    expect((await install([])).exitCode).toBe(0);
    const before = await hashTree(disk);
    const report = await install(['big']);
    expect(report).toMatchObject({ exitCode: 1, error: { code: 'ENOSPC' } });
    expect(report.error?.next.join()).toContain('full');
    expect(await hashTree(disk)).toEqual(before);
  } finally {
    await run('umount', [disk]);
  }
});

// The whole road as somebody who is not root: a process of its own under another user.
test.runIf(isRoot)('an unprivileged user installs, is protected and is refused alike', async () => {
  const made = await project(wants({ scripted: '1.0.0' }));
  const source = join(made.outside, 'source');
  const root = new URL('../../', import.meta.url).pathname;
  await mkdir(source);
  for (const name of ['src', 'dist', 'rules', 'test', 'package.json', 'tsconfig.json', 'types'])
    await cp(join(root, name), join(source, name), { recursive: true });
  await mkdir(join(source, 'node_modules'));
  await promisify(execFile)('mount', ['--bind', join(root, 'node_modules'), join(source, 'node_modules')]);
  try {
    await writeFile(
      join(source, 'run.ts'),
      [
        "import { installProject } from './src/install/index.js';",
        "import { markerScanner } from './test/e2e/marker-scanner.js';",
        "import { TEST_POLICY } from './test/e2e/project.js';",
        "import { readFileSync } from 'node:fs';",
        "const npm = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));",
        'const report = await installProject({',
        "  command: 'install', specs: process.argv.slice(4), npm: { ...npm, env: process.env }, policy: TEST_POLICY, approvals: [],",
        "  stateDir: process.argv[3]!, rulesFolders: [], rooms: { createScanner: markerScanner }, rootScriptsOutput: 'stderr' });",
        'console.log(JSON.stringify({ uid: process.getuid!(), ...report }));',
        'process.exit(0);',
        '',
      ].join('\n'),
    );
    await writeFile(join(made.outside, 'npm.json'), JSON.stringify(await made.npm()));
    await promisify(execFile)('chown', ['-R', '65534:65534', made.outside]).catch(() => undefined);
    const asNobody = async (specs: string[]) => {
      const { stdout } = await promisify(execFile)(
        'setpriv',
        [
          ...['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '--import', 'tsx'],
          ...[join(source, 'run.ts'), join(made.outside, 'npm.json'), join(made.outside, 'state'), ...specs],
        ],
        { cwd: source, env: { PATH: process.env['PATH'], HOME: made.outside, TMPDIR: '/tmp' }, maxBuffer: 1e8 },
      );
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
    };
    const report = await asNobody([]);
    expect(report).toMatchObject({ uid: 65534, exitCode: 0, error: null });
    expect(report.scripts).toMatchObject([{ package: 'scripted@1.0.0', exitCode: 0, sandbox: 'full' }]);
    const before = await made.tree();
    expect(await asNobody(['no-such-package-here'])).toMatchObject({ exitCode: 1 });
    expect(await made.tree()).toEqual(before);
  } finally {
    await promisify(execFile)('umount', [join(source, 'node_modules')]);
  }
});
