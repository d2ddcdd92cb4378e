import { execFile, execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Limits } from '../sandbox.js';
import { groupBounds } from './cgroup.js';
import { findTrusted } from './probe.js';

/** What the user's own systemd keeps for a transient scope that it makes for us. */
export interface ScopeOffer {
  tasks: boolean;
  memory: boolean;
  /** Environment with which its manager is found. */
  env: Record<string, string>;
}

/** A scope for one outer sandbox. */
export interface Scope {
  name: string;
  /** Program and arguments that enter the scope and become the program behind them. */
  entering: string[];
  /** Sets the bounds for the next script. */
  bound(limits: Limits): void;
}

const TIMEOUT_MS = 3000;

let count = 0;

const properties = (limits: Limits) => {
  const { tasks, memoryBytes } = groupBounds(limits);
  return [`TasksMax=${tasks}`, `MemoryMax=${memoryBytes}`];
};

/** The environment that leads to the manager of this user, where one runs; its private socket is what systemctl asks. */
function managerEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> | null {
  const folder = env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.()}`;
  const stat = lstatSync(join(folder, 'systemd/private'), { throwIfNoEntry: false });
  if (!stat?.isSocket() || stat.uid !== process.getuid?.()) return null;
  const bus = env['DBUS_SESSION_BUS_ADDRESS'] ?? `unix:path=${folder}/bus`;
  return { PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: bus };
}

const entering = (name: string, limits: Limits) => [
  ...['--user', '--scope', '--quiet', '--collect', '--description=safe-install sandbox', `--unit=${name}`],
  ...properties(limits).flatMap((property) => ['-p', property]),
  '--',
];

/** Prints what the kernel keeps of the two bounds for the group that it runs in. */
const ASK = `p=$(sed -n 's/^0:://p' /proc/self/cgroup)
for root in /sys/fs/cgroup /sys/fs/cgroup/unified; do
  [ -d "$root$p" ] && echo "tasks $(cat "$root$p/pids.max" 2>/dev/null)" && echo "memory $(cat "$root$p/memory.max" 2>/dev/null)"
done
echo made`;

/**
 * Asks the systemd of this user for a scope, and looks what is kept in it. A shell over SSH stands in a group that is not its
 * user's to divide, but the user's manager may make another one.
 *
 * @returns null where there is no such manager, or it makes none.
 */
export async function askForScope(
  limits: Limits,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ScopeOffer | null> {
  const program = findTrusted('systemd-run');
  const env = program === null ? null : managerEnvironment(environment);
  if (program === null || env === null) return null;
  const args = [...entering(nextName(), limits), '/bin/sh', '-c', ASK];
  try {
    const { stdout } = await promisify(execFile)(program, args, { env, cwd: '/', timeout: TIMEOUT_MS });
    const { tasks, memoryBytes } = groupBounds(limits);
    // The kernel keeps memory in pages.
    const memory = stdout.split('\n').map((line) => Number(/^memory (\d+)$/.exec(line)?.[1]));
    return {
      tasks: stdout.includes(`tasks ${tasks}\n`),
      memory: memory.some((bytes) => Math.abs(bytes - memoryBytes) < 65_536),
      env,
    };
  } catch {
    return null;
  }
}

function nextName(): string {
  count += 1;
  return `safe-install-${process.pid}-${count}.scope`;
}

/** Makes the next scope of a manager that offered them. */
export function createScope({ env }: ScopeOffer, limits: Limits): Scope {
  const name = nextName();
  const start = [findTrusted('systemd-run')!, ...entering(name, limits)];
  // systemd-run alone hears of the manager; bubblewrap clears the environment.
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  let kept = limits;
  return {
    name,
    entering: ['/usr/bin/env', ...variables, ...start],
    bound(next) {
      if (properties(next).join() === properties(kept).join()) return;
      kept = next;
      const args = ['--user', 'set-property', '--runtime', name, ...properties(next)];
      execFileSync('systemctl', args, { env, timeout: TIMEOUT_MS, stdio: 'ignore' });
    },
  };
}
