import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseWorld, makeWorld } from './world.js';
import { startServers } from './world-servers.js';

/*
 * Runs as root in a network and mount namespace of its own: makes the world, its servers and addresses there, then starts
 * the runner as the user that the probes run as. Arguments: `root`, `user` (we are root and
 * become somebody else) or `self` (we are root of a user namespace only), file for the results, what to run.
 */
const [identity, results, what] = process.argv.slice(2) as ['root' | 'user' | 'self', string, string];
/** Nobody has this number: a throw-away user needs no entry anywhere. */
const THROW_AWAY = 54_321;
const uid = identity === 'user' ? THROW_AWAY : 0;
const gid = uid;
const here = dirname(fileURLToPath(import.meta.url));
const repo = join(here, '../../..');

function must(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

const root = mkdtempSync(join(tmpdir(), 'si-world-'));
const world = chooseWorld(root, uid, gid);
makeWorld(world);
must('ip', 'link', 'set', 'lo', 'up');
for (const address of [world.LAN, '169.254.169.254']) must('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
const resolver = join(root, 'resolv.conf');
writeFileSync(resolver, 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n');
must('mount', '--bind', resolver, '/etc/resolv.conf');
// The repository may stand in a folder that only root may enter.
const copy = join(root, 'repo');
mkdirSync(copy);
must('mount', '--bind', repo, copy);
await startServers(world);
const segment = `import ctypes; exit(ctypes.CDLL(None).shmget(${world.SHMKEY}, 4096, 0o1666) < 0)`;
must('python3', '-c', segment);

const secretFile = join(root, 'secret');
writeFileSync(secretFile, `${world.SECRET}\n`.repeat(200));
const leaked = openSync(secretFile, 'r');
const { SECRET } = world;
const env = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  HOME: world.HOME,
  LANG: 'C.UTF-8',
  SI_WORLD: JSON.stringify(world),
  SI_RESULTS: results,
  SI_WHAT: what,
  SI_IDENTITY: identity,
  ...(process.env['SI_OTHER'] === undefined ? {} : { SI_OTHER: process.env['SI_OTHER'] }),
  ...(process.env['SI_OTHER_FOLDER'] === undefined ? {} : { SI_OTHER_FOLDER: process.env['SI_OTHER_FOLDER'] }),
  NPM_TOKEN: SECRET,
  GITHUB_TOKEN: SECRET,
  AWS_SECRET_ACCESS_KEY: SECRET,
  ACME_DEPLOY: SECRET,
  npm_config__auth: SECRET,
  NODE_OPTIONS: '--no-deprecation',
  LD_PRELOAD: 'libm.so.6',
  GIT_SSH_COMMAND: 'true',
  HTTPS_PROXY: 'http://127.0.0.1:9/',
  SSH_AUTH_SOCK: join(world.TMP, 'docker.sock'),
  INIT_CWD: world.PROJECT,
};
const runner = join(copy, 'test/e2e/sandbox/runner.ts');
const node = [
  process.execPath,
  '--import',
  join(copy, 'node_modules/tsx/dist/esm/index.mjs'),
  runner,
  `--mark-${world.WORLD}`,
];
const user = uid === 0 ? node : ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', ...node];
// `script` gives it a terminal, as a developer has one.
const quoted = user.map((word) => `'${word}'`).join(' ');
const child = spawn('script', ['-qec', quoted, join(root, 'terminal')], {
  env,
  cwd: world.TMP,
  stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', leaked],
});
closeSync(leaked);
let said = '';
child.stdout?.on('data', (chunk: Buffer) => (said += chunk));
child.once('close', (code) => {
  if (code !== 0) process.stderr.write(`${said}\n${readFileSync(join(root, 'terminal'), 'utf8')}\n`);
  must('umount', copy);
  must('umount', '/etc/resolv.conf');
  must('ipcrm', '-M', String(world.SHMKEY));
  for (const path of [root, world.TMPFILE, world.SHMFILE]) rmSync(path, { recursive: true, force: true });
  process.exit(code ?? 1);
});
