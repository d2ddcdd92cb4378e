import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import semver from 'semver';
import { type ControlGroup, createControlGroup, type ScopeOffer } from '../sandbox/index.js';
import type { Check } from './check.js';

const ENGINES = '^20.19.0 || ^22.12.0 || >=24.0.0';

/** Checks the running Node against what safe-install supports, and looks for its headers. */
export function nodeChecks(version = process.versions.node, prefix = dirname(dirname(process.execPath))): Check[] {
  const supported = semver.satisfies(version, ENGINES);
  const headers = existsSync(join(prefix, 'include/node/node.h'));
  return [
    {
      id: 'node',
      title: 'Node.js',
      status: supported ? 'ok' : 'failure',
      found: version,
      remedies: supported ? [] : [`Use a Node.js that fits ${ENGINES}.`],
    },
    {
      id: 'node-headers',
      title: 'Headers of Node.js',
      status: headers ? 'ok' : 'warning',
      found: headers ? join(prefix, 'include/node') : `not beside ${process.execPath}`,
      remedies: headers
        ? []
        : [
            'Packages that compile would download them, which the sandbox refuses: use a Node.js that comes with include/node.',
          ],
    },
  ];
}

/** Looks for a program on PATH. A missing one is a warning with its consequence. */
export function programCheck(name: string, without: string, remedy: string, path = process.env['PATH'] ?? ''): Check {
  const file = findProgram(name, path);
  return {
    id: name,
    title: name,
    status: file === null ? 'warning' : 'ok',
    found: file ?? `not found: ${without}`,
    remedies: file === null ? [remedy] : [],
  };
}

/** Checks that the folder for caches, audit log and quarantine can be written. */
export function stateFolderCheck(stateDir: string): Check {
  const probe = join(stateDir, `doctor-${process.pid}`);
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
    rmSync(probe);
    return { id: 'state-folder', title: 'State folder', status: 'ok', found: stateDir, remedies: [] };
  } catch (error) {
    return {
      id: 'state-folder',
      title: 'State folder',
      status: 'failure',
      found: (error as Error).message,
      remedies: ['Make it writable, or set SAFE_INSTALL_HOME to a folder that is.'],
    };
  }
}

/** What the kernel says of system call filters. `read` gives a file's text or null. */
export function seccompCheck(read: (file: string) => string | null = readText): Check {
  const actions = read('/proc/sys/kernel/seccomp/actions_avail');
  const known = process.arch === 'x64' || process.arch === 'arm64';
  const ok = actions?.includes('errno') === true && known;
  return {
    id: 'seccomp',
    title: 'System call filter (seccomp)',
    status: ok ? 'ok' : 'failure',
    found: ok ? actions!.trim() : known ? 'the kernel has no seccomp filters' : `no filter for ${process.arch}`,
    remedies: ok ? [] : ['Use a kernel with CONFIG_SECCOMP_FILTER on x86-64 or arm64.'],
  };
}

/** What a control group can keep for a script's processes together; it is made and removed to see it. */
export function cgroupCheck(make: () => Pick<ControlGroup, 'keeps' | 'remove'> | null = createControlGroup): Check {
  const group = make();
  group?.remove();
  const { tasks = null, memory = null, ending = false } = group?.keeps ?? {};
  const parts = [
    ...(tasks === null ? [] : [`processes (version ${tasks})`]),
    ...(memory === null ? [] : [`memory (version ${memory})`]),
    ...(ending ? ['ending them all at once (version 2)'] : []),
  ];
  const bounded = tasks !== null && memory !== null;
  const without = 'limits are kept by prlimit and by watching';
  return {
    id: 'cgroup',
    title: 'Control groups',
    status: bounded ? 'ok' : 'warning',
    found:
      parts.length === 0
        ? `none that we may make: ${without}`
        : `${parts.join(', ')}${bounded ? '' : `; other ${without}`}`,
    remedies: [],
  };
}

/** What the user's own systemd would keep, for shells whose group is not theirs to divide. */
export function scopeCheck(offer: Pick<ScopeOffer, 'tasks' | 'memory'> | null): Check {
  const parts = [...(offer?.tasks ? ['processes'] : []), ...(offer?.memory ? ['memory'] : [])];
  return {
    id: 'systemd-scope',
    title: 'Scopes of the user’s systemd',
    status: 'ok',
    found:
      offer === null
        ? 'no systemd of this user to ask'
        : parts.length === 0
          ? 'made, but nothing is kept in them: its group has no controllers'
          : `${parts.join(' and ')}; taken where no control group can be made`,
    remedies: [],
  };
}

/** Names the container that we are in, because containers are the usual reason for missing namespaces. */
export function containerCheck(exists: (file: string) => boolean = existsSync): Check {
  const kind = exists('/.dockerenv') ? 'Docker' : exists('/run/.containerenv') ? 'Podman' : null;
  return {
    id: 'container',
    title: 'Container',
    status: 'ok',
    found: kind === null ? `none that shows itself; kernel ${release()}` : kind,
    remedies: [],
  };
}

function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not here
    }
  }
  return null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
