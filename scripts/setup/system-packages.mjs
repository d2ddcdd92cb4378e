import { SetupError } from './error.mjs';
import { capture, run, which } from './run.mjs';

const managers = [
  { program: 'apt-get', install: ['install', '-y', '--no-install-recommends'], refresh: ['update', '-qq'] },
  { program: 'dnf', install: ['install', '-y'] },
  { program: 'apk', install: ['add'] },
  { program: 'pacman', install: ['-S', '--noconfirm', '--needed'] },
];

const names = {
  bwrap: { all: 'bubblewrap' },
  setpriv: { all: 'util-linux', apk: 'setpriv' },
  git: { all: 'git' },
  make: { all: 'make' },
  'g++': { all: 'g++', dnf: 'gcc-c++', pacman: 'gcc' },
  python3: { all: 'python3', pacman: 'python' },
  curl: { all: 'curl' },
  wget: { all: 'wget' },
  strace: { all: 'strace' },
  useradd: { 'apt-get': 'passwd', dnf: 'shadow-utils', apk: 'shadow', pacman: 'shadow' },
};

const packageFor = (program, manager) => names[program][manager] ?? names[program].all;

const userNamespaces = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  'true',
];

async function install(programs, why) {
  const missing = programs.filter((program) => which(program) === null);
  if (missing.length === 0) return;
  const manager = managers.find(({ program }) => which(program) !== null);
  if (manager === undefined) {
    throw new SetupError(`${missing.join(', ')} not found, and no package manager that set-up knows`, [
      `install ${missing.join(', ')} by your system's own means: ${why}`,
    ]);
  }
  const packages = [...new Set(missing.map((program) => packageFor(program, manager.program)))];
  const line = `${manager.program} ${[...manager.install, ...packages].join(' ')}`;
  const root = process.getuid?.() === 0;
  const sudo = !root && which('sudo') !== null && (process.stdin.isTTY || capture('sudo', ['-n', 'true']).status === 0);
  if (!root && !sudo)
    throw new SetupError(`${missing.join(', ')} is missing, and installing it needs root`, [`type: sudo ${line}`]);
  console.log(`set-up: ${missing.join(', ')} missing (${why}); running: ${root ? '' : 'sudo '}${line}`);
  const asRoot = (args) => (root ? run(manager.program, args) : run('sudo', [manager.program, ...args]));
  if (manager.refresh) await asRoot(manager.refresh);
  if ((await asRoot([...manager.install, ...packages])) !== 0) {
    throw new SetupError(`could not install ${packages.join(', ')}`, [`type: ${root ? '' : 'sudo '}${line}`]);
  }
}

/** Brings bubblewrap and setpriv, and checks that this kernel lets them make a sandbox. macOS has its own. */
export async function ensureSandboxTools() {
  if (process.platform !== 'linux') return;
  await install(['bwrap', 'setpriv'], 'the sandbox of install scripts is made with them');
  const made = capture('bwrap', userNamespaces);
  if (made.status === 0) return;
  throw new SetupError(`bubblewrap cannot make a sandbox here: ${made.output.trim()}`, [
    'Ubuntu 24.04 and newer: allow it in AppArmor: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    'Debian 10, hardened kernels: sudo sysctl kernel.unprivileged_userns_clone=1; RHEL: sudo sysctl user.max_user_namespaces=15000',
    'in a container: start it with --security-opt seccomp=unconfined or a profile that allows user namespaces',
    'then: safe-install doctor',
  ]);
}

/** Brings what the end-to-end tests build and probe with. */
export async function ensureTestTools() {
  if (process.platform !== 'linux') return;
  await install(
    ['git', 'make', 'g++', 'python3', 'curl', 'wget', 'strace', 'useradd'],
    'the tests use it inside the sandbox',
  );
}
