import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, chownSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** Paths, ports and random texts that probes name as {NAME}. */
export interface World {
  [name: string]: string | number;
  ROOT: string;
  HOME: string;
  PROJECT: string;
  OTHER: string;
  STORE: string;
  TMP: string;
  TMPFILE: string;
  SHMFILE: string;
  SECRET: string;
  WORLD: string;
  LOG: string;
  LAN: string;
  PORT: number;
  UDP: number;
  REGISTRY: string;
  HOSTNAME: string;
  SHMKEY: number;
  UID: number;
  GID: number;
}

/** Files of the throw-away HOME; each holds the secret. */
const HOME_FILES = [
  '.npmrc',
  '.aws/credentials',
  '.ssh/id_ed25519',
  '.ssh/known_hosts',
  '.git-credentials',
  '.netrc',
  '.config/gh/hosts.yml',
  '.docker/config.json',
  '.kube/config',
  '.bash_history',
  '.bashrc',
  'Documents/notes.txt',
  '.config/google-chrome/Default/Login Data',
  '.config/solana/id.json',
];

/** Chooses names and numbers of a world below `root`. */
export function chooseWorld(root: string, uid: number, gid: number): World {
  const id = randomBytes(6).toString('hex');
  const home = join(root, 'home');
  const port = randomInt(20_000, 28_000);
  return {
    ROOT: root,
    HOME: home,
    PROJECT: join(home, 'work/project'),
    OTHER: join(home, 'work/other'),
    STORE: join(home, '.store'),
    TMP: join(root, 'tmp'),
    TMPFILE: `/tmp/si-probe-${id}`,
    SHMFILE: `/dev/shm/si-probe-${id}`,
    SECRET: `secret-${randomBytes(8).toString('hex')}`,
    WORLD: id,
    LOG: join(root, 'log'),
    LAN: '192.0.2.10',
    PORT: port,
    UDP: port + 1,
    REGISTRY: `http://127.0.0.1:${port + 2}/`,
    HOSTNAME: hostname(),
    SHMKEY: randomInt(1, 0x7fffffff),
    UID: uid,
    GID: gid,
  };
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Brings HOME, project and temporary files into the state that every probe starts from. */
export function resetWorld(world: World): void {
  const { HOME, PROJECT, OTHER, STORE, TMP, TMPFILE, SHMFILE, SECRET } = world;
  rmSync(HOME, { recursive: true, force: true });
  for (const name of HOME_FILES) put(join(HOME, name), `# ${SECRET}\n`);
  put(join(PROJECT, '.env'), `TOKEN=${SECRET}\n`);
  put(join(PROJECT, '.npmrc'), `# ${SECRET}\n`);
  put(join(PROJECT, '.git/config'), `# ${SECRET}\n`);
  put(join(PROJECT, 'src/index.js'), `// ${SECRET}\n`);
  put(join(PROJECT, 'package.json'), JSON.stringify({ name: 'project', description: SECRET }));
  put(join(OTHER, 'config.json'), JSON.stringify({ SECRET }));
  put(join(PROJECT, 'node_modules/sibling/package.json'), '{"name":"sibling","version":"1.0.0"}');
  put(join(PROJECT, 'node_modules/sibling/index.js'), 'module.exports = 1;\n');
  put(join(PROJECT, 'node_modules/.package-lock.json'), '{}\n');
  mkdirSync(join(PROJECT, 'node_modules/.bin'));
  const subject = join(PROJECT, 'node_modules/subject');
  put(join(subject, 'package.json'), '{"name":"subject","version":"1.0.0"}');
  put(join(STORE, 'linked.txt'), 'store\n');
  linkSync(join(STORE, 'linked.txt'), join(subject, 'linked.txt'));
  for (const name of readdirSync(TMP)) if (name !== 'docker.sock') rmSync(join(TMP, name), { recursive: true });
  writeFileSync(TMPFILE, SECRET);
  writeFileSync(SHMFILE, SECRET);
}

/** Makes the folders that stay, owned by whom the probes run as. */
export function makeWorld(world: World): void {
  mkdirSync(world.TMP, { recursive: true });
  writeFileSync(world.LOG, '');
  chmodSync(world.ROOT, 0o755);
  for (const path of [world.ROOT, world.TMP, world.LOG]) chownSync(path, world.UID, world.GID);
}

/** Puts the world's names and numbers into a text. */
export function fillIn(text: string, world: World, more: Record<string, string | number>): string {
  return text.replaceAll(/\{([A-Z]+)\}/g, (whole, name: string) => String(more[name] ?? world[name] ?? whole));
}

/** Copies the project of an installed tree into the world (positive controls). */
export function copyTree(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
