import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPEN_PORTS, WITHOUT_CAPABILITIES } from './outer.js';

const run = promisify(execFile);

/** What this machine offers for confining a script. */
export interface BubblewrapProbe {
  /** Absolute paths; null where the program is missing. */
  bwrap: string | null;
  setpriv: string | null;
  prlimit: string | null;
  /** Version of bubblewrap, e.g. `0.8.0`. */
  version: string | null;
  /** True where bubblewrap could make its namespaces. */
  namespaces: boolean;
  /** True where a second bubblewrap inside the first one works. */
  nested: boolean;
  /** Why not, each with what to do. */
  obstacles: { what: string; remedy: string }[];
}

/** Folders of the system: a program of a project or a package is never taken for one of ours. */
const TRUSTED = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin'];

/** Absolute path of a program in a folder of the system, or null. */
export function findTrusted(name: string): string | null {
  for (const folder of TRUSTED) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not here
    }
  }
  return null;
}

function sysctl(path: string): string | null {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Names the reason why user namespaces are refused, as far as the machine tells. */
function namespaceObstacles(said: string): { what: string; remedy: string }[] {
  const found: { what: string; remedy: string }[] = [];
  if (sysctl('kernel/unprivileged_userns_clone') === '0') {
    found.push({
      what: 'the sysctl kernel.unprivileged_userns_clone is 0',
      remedy: 'As root: sysctl -w kernel.unprivileged_userns_clone=1',
    });
  }
  if (sysctl('user/max_user_namespaces') === '0') {
    found.push({
      what: 'the sysctl user.max_user_namespaces is 0',
      remedy: 'As root: sysctl -w user.max_user_namespaces=15000',
    });
  }
  if (sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    found.push({
      what: 'AppArmor restricts user namespaces (Ubuntu 24.04 and later)',
      remedy:
        'As root, allow them for bubblewrap alone: write /etc/apparmor.d/bwrap with\n' +
        '  abi <abi/4.0>,\n  include <tunables/global>\n' +
        '  profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, include if exists <local/bwrap> }\n' +
        'and run: apparmor_parser -r /etc/apparmor.d/bwrap',
    });
  }
  if (/mount proc/i.test(said)) {
    found.push({
      what: 'parts of /proc are hidden here, as in a container, so that no new one can be mounted',
      remedy:
        'Start the container with --security-opt systempaths=unconfined (Podman: unmask=ALL), or run on the host.',
    });
  }
  const status = sysctl('../self/status');
  if (found.length === 0 && status !== null && /^Seccomp:\s*2/m.test(status)) {
    found.push({
      what: 'a seccomp filter is active on this process, as in a container with the default profile',
      remedy:
        'Start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or run on the host.',
    });
  }
  if (found.length === 0) {
    found.push({
      what: `bubblewrap could not make its namespaces: ${said}`,
      remedy: 'Run `safe-install doctor` as the same user and in the same place.',
    });
  }
  return found;
}

const OUTER = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--uid',
  '1000',
  '--gid',
  '1000',
  '--cap-drop',
  'ALL',
];
const BINDS = ['--ro-bind', '/', '/', '--proc', '/proc'];

async function tries(program: string, args: string[]): Promise<string | null> {
  try {
    await run(program, args, { timeout: 20_000, env: { PATH: '/usr/bin:/bin' }, cwd: '/' });
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr?.trim() || message).slice(0, 500);
  }
}

/** Finds out what bubblewrap can do here by doing it. */
export async function probeBubblewrap(): Promise<BubblewrapProbe> {
  const [bwrap, setpriv, prlimit] = [findTrusted('bwrap'), findTrusted('setpriv'), findTrusted('prlimit')];
  const probe: BubblewrapProbe = {
    bwrap,
    setpriv,
    prlimit,
    version: null,
    namespaces: false,
    nested: false,
    obstacles: [],
  };
  if (process.platform !== 'linux') {
    probe.obstacles.push({
      what: `bubblewrap needs Linux, this is ${process.platform}`,
      remedy: 'Use Linux, WSL 2 or a container.',
    });
    return probe;
  }
  if (bwrap === null) {
    probe.obstacles.push({
      what: 'bubblewrap (bwrap) is not installed',
      remedy: 'Install it: apt install bubblewrap · dnf install bubblewrap · apk add bubblewrap · pacman -S bubblewrap',
    });
    return probe;
  }
  const end = ['--die-with-parent', '--', '/bin/sh', '-c', ':'];
  if (setpriv !== null && prlimit !== null) {
    const inner = [
      '/bin/sh',
      '-c',
      OPEN_PORTS,
      'sh',
      setpriv,
      ...WITHOUT_CAPABILITIES,
      bwrap,
      '--unshare-user',
      '--unshare-pid',
      '--disable-userns',
      '--cap-drop',
      'ALL',
      '--uid',
      '1000',
      '--gid',
      '1000',
      ...BINDS,
      ...end,
    ];
    const nested = await tries(bwrap, [...OUTER, '--cap-add', 'CAP_NET_ADMIN', ...BINDS, '--', ...inner]);
    probe.nested = nested === null;
  } else {
    const missing = [setpriv === null ? 'setpriv' : null, prlimit === null ? 'prlimit' : null].filter(
      (name) => name !== null,
    );
    probe.obstacles.push({ what: `${missing.join(' and ')} is not installed`, remedy: 'Install util-linux.' });
  }
  const said = probe.nested ? null : await tries(bwrap, [...OUTER, ...BINDS, ...end]);
  probe.namespaces = said === null;
  if (said !== null) probe.obstacles.push(...namespaceObstacles(said));
  else if (!probe.nested && setpriv !== null && prlimit !== null) {
    probe.obstacles.push({
      what: 'a sandbox inside a sandbox is refused here, so a script and the network helper share one',
      remedy: 'Run outside of a container, or give it more user namespaces (sysctl user.max_user_namespaces).',
    });
  }
  const version = await run(bwrap, ['--version'], { timeout: 5000 }).catch(() => null);
  probe.version = /(\d+\.\d+\.\d+)/.exec(version?.stdout ?? '')?.[1] ?? null;
  return probe;
}
