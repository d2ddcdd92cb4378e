import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAsPackage } from '../../src/install/index.js';
import type { SandboxEvent } from '../../src/model.js';
import { markerScanner } from './marker-scanner.js';
import { makeProject, TEST_POLICY, type TestProject } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

const BIN = join(import.meta.dirname, '../../bin/safe-install.js');
const rooms = { createScanner: markerScanner };

/** What a script can see of its surroundings, written where it may write. */
const LOOK =
  'env | sort > env.txt; (pwd; ls -A ~; ulimit -a; id -u; cat /proc/self/status | grep -E "^(Cap|NoNew|Seccomp)") > rest.txt';

let registry: TestRegistry;
let project: TestProject;
let folder: string;
let root: string;

beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish({ manifest: { name: 'looks', version: '1.0.0', scripts: { postinstall: LOOK } }, files: {} });
  project = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies: { looks: '1.0.0' } },
    '.env': 'SECRET=in-the-project\n',
  });
  folder = join(project.path, 'node_modules/looks');
  expect((await project.run('install', [], { rooms })).exitCode).toBe(0);
  root = realpathSync(mkdtempSync(join(homedir(), '.safe-install-test-')));
});

afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await project.remove();
  await registry.stop();
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Starts the command line as a user does; `meanwhile` gets the process. */
function safeInstall(args: string[], cwd: string, meanwhile: (pid: number) => void = () => {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...process.env, SAFE_INSTALL_HOME: join(root, 'state'), npm_config_registry: registry.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
      if (stdout.includes('ready')) meanwhile(child.pid!);
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

test('--as gives a command exactly what the lifecycle script of that package gets', async () => {
  const seen = () => ({
    env: readFileSync(join(folder, 'env.txt'), 'utf8'),
    rest: readFileSync(join(folder, 'rest.txt'), 'utf8'),
  });
  const script = seen();
  rmSync(join(folder, 'env.txt'));
  rmSync(join(folder, 'rest.txt'));
  const run = await runAsPackage(folder, 'postinstall', {
    npm: await project.npm(),
    policy: TEST_POLICY,
    approvals: [],
    stateDir: join(root, 'state'),
    rulesFolders: [],
    command: LOOK,
    onEvent: () => {},
    rooms,
  });
  expect(run).toMatchObject({
    package: 'looks@1.0.0',
    location: 'node_modules/looks',
    event: 'postinstall',
    exitCode: 0,
  });
  expect(seen()).toEqual(script);
});

describe('the command line', () => {
  test.each([
    [['exit 0'], 0],
    [['exit 7'], 7],
    [['kill -TERM $$'], 143],
    [['kill -KILL $$'], 137],
    [['no-such-program-here'], 127],
    [['sh', '-c', 'exit "$1"', 'sh', '9'], 9],
  ])('%j ends with %i', async (command, code) => {
    expect(await safeInstall(['sandbox', '--as', folder, '--', ...command], project.path)).toMatchObject({ code });
  });

  test.each([
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ])('without --as, too: %s ends with %i', async (command, code) => {
    expect(await safeInstall(['sandbox', '--', command], root)).toMatchObject({ code });
  });

  test('words with quotes, spaces and dollars stay words', async () => {
    const words = ["it's", 'a b', '$HOME', '*', '', '\\'];
    const { stdout } = await safeInstall(['sandbox', '--', 'printf', '<%s>', ...words], root);
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s reaches the command', async (signal) => {
    const name = signal.slice(3);
    const command = `trap "echo caught ${name}; exit 5" ${name}; echo ready; while :; do sleep 0.2; done`;
    let told = false;
    const ended = await safeInstall(['sandbox', '--as', folder, '--', command], project.path, (pid) => {
      if (!told) process.kill(pid, signal);
      told = true;
    });
    expect(ended.stdout).toContain(`caught ${name}`);
    expect(ended.code).toBe(signal === 'SIGINT' ? 130 : 143);
  });

  test('--events has one JSON object a line for what was denied, undone or killed', async () => {
    const file = join(root, 'events.jsonl');
    const node = `"${process.execPath}" -e`;
    const ended = await safeInstall(
      [
        'sandbox',
        '--as',
        folder,
        '--event',
        'install',
        '--events',
        file,
        '--',
        `ln -s /etc/passwd out; ${node} "require('dns').lookup('evil.example',()=>{})"`,
      ],
      project.path,
    );
    expect(ended.code).toBe(0);
    const events = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SandboxEvent);
    expect(events.length).toBeGreaterThan(1);
    for (const event of events) {
      expect(Object.keys(event).sort()).toEqual(['action', 'class', 'evidence', 'package', 'script', 'target', 'time']);
      expect(event).toMatchObject({ package: 'looks@1.0.0', script: 'install' });
      expect(event.action).not.toBe('allowed');
    }
    expect(events).toContainEqual(expect.objectContaining({ class: 'dns', target: 'evil.example', action: 'denied' }));
    expect(events).toContainEqual(expect.objectContaining({ class: 'file', action: 'undone' }));
  });

  test('a violation ends the command with 12', async () => {
    const { code, stderr } = await safeInstall(
      [
        'sandbox',
        '--as',
        folder,
        '--',
        `cat ~/.npmrc; "${process.execPath}" -e "require('dns').lookup('evil.example',()=>setTimeout(()=>{},20000))"; sleep 20`,
      ],
      project.path,
    );
    expect(code).toBe(12);
    expect(stderr).toContain('decoy');
  });

  test.each([
    [['sandbox'], 'Name the command after --'],
    [['sandbox', 'ls'], 'Name the command after --'],
    [['sandbox', 'ls', '--', 'x'], 'Put -- before'],
    [['sandbox', '--settings', 'none.json', '--', 'x'], 'does not exist'],
    [['sandbox', '--as', 'none', '--', 'x'], 'does not exist'],
    [['sandbox', '--as', '.', '--', 'x'], 'inside a node_modules'],
    [['sandbox', '--event', 'install', '--', 'x'], '--event goes with --as'],
    [['sandbox', '--as', '.', '--settings', 'base', '--', 'x'], 'exclude each other'],
  ])('%j is refused', async (args, said) => {
    const { code, stderr } = await safeInstall(args, root);
    expect(stderr).toContain(said);
    expect([1, 14]).toContain(code);
  });
});

describe('settings', () => {
  const run = async (settings: object, command: string) => {
    const cwd = join(root, 'work');
    mkdirSync(join(cwd, 'src'), { recursive: true });
    mkdirSync(join(root, 'private'), { recursive: true });
    writeFileSync(join(cwd, '.env'), 'SECRET=here\n');
    writeFileSync(join(cwd, 'src/a.js'), 'source\n');
    writeFileSync(join(root, 'private/key'), 'the key\n');
    const file = join(root, 'settings.json');
    writeFileSync(file, JSON.stringify(settings));
    return safeInstall(['sandbox', '--settings', file, '--', command], cwd);
  };

  test('reads are open but for denyRead, writes closed but for allowWrite', async () => {
    const open = await run({}, `cat .env ${root}/private/key; echo x > src/new.js || echo closed`);
    expect(open.stdout).toContain('SECRET=here\nthe key\n');
    expect(open.stdout).toContain('closed');
    const filesystem = { denyRead: ['.env', `${root}/private`], allowWrite: ['src'], denyWrite: ['src/a.js'] };
    const ruled = await run(
      { filesystem },
      `cat .env ${root}/private/key; echo x > src/new.js && echo wrote; echo x > src/a.js || echo kept`,
    );
    expect(ruled.stdout).toBe('wrote\nkept\n');
    expect(readFileSync(join(root, 'work/src/new.js'), 'utf8')).toBe('x\n');
    expect(readFileSync(join(root, 'work/src/a.js'), 'utf8')).toBe('source\n');
  });

  test('neither a protected name nor a denied path is made in a writable folder', async () => {
    const filesystem = { allowWrite: ['.'], denyWrite: ['new/locked.json'] };
    const made = await run(
      { filesystem },
      'mkdir -p .vscode new && echo x > .vscode/tasks.json; echo x > new/locked.json; sleep 1; echo x > ok.txt',
    );
    expect(made.code).toBe(0);
    expect(existsSync(join(root, 'work/.vscode'))).toBe(false);
    expect(existsSync(join(root, 'work/new/locked.json'))).toBe(false);
    expect(readFileSync(join(root, 'work/ok.txt'), 'utf8')).toBe('x\n');
  });

  test('the registry is reached only where the settings allow its host', async () => {
    const get = `"${process.execPath}" -e "fetch('${registry.url}looks').then(r=>r.json()).then(p=>console.log('got',p.name)).catch(()=>console.log('none'))"`;
    const { host } = new URL(registry.url);
    expect((await run({}, get)).stdout).toBe('none\n');
    expect((await run({ network: { allowedDomains: [host] } }, get)).stdout).toBe('got looks\n');
  });

  test('what is not understood is exit 14', async () => {
    expect(await run({ netwrok: {} }, 'true')).toMatchObject({ code: 14, stderr: expect.stringContaining('netwrok') });
  });
});
