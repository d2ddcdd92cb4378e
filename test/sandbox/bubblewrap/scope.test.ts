import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { groupBounds } from '../../../src/sandbox/bubblewrap/cgroup.js';
import { askForScope } from '../../../src/sandbox/bubblewrap/scope.js';
import { defaultLimits } from '../../../src/sandbox/index.js';

const SYSTEMD = '/lib/systemd/systemd';

/** A machine of its own as far as a systemd of a user looks: groups, /run, processes. */
const WORLD = `
mount -t tmpfs none /run && mkdir -p /run/systemd/system
mount -t tmpfs none /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified /sys/fs/cgroup/systemd
mount -t cgroup2 none /sys/fs/cgroup/unified && mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd
${SYSTEMD} --user >/dev/null 2>&1 &
for n in $(seq 100); do [ -S "$XDG_RUNTIME_DIR/systemd/private" ] && [ -S "$XDG_RUNTIME_DIR/bus" ] && break; sleep 0.1; done
exec "$@"`;

it('is not asked for where no systemd of this user runs', async () => {
  expect(await askForScope(defaultLimits, { XDG_RUNTIME_DIR: '/nonexistent' })).toBeNull();
});

it.runIf(process.getuid?.() === 0 && existsSync(SYSTEMD))(
  'is made by a real systemd of a user, with the bounds of the script, and is the program’s own',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'si-systemd-'));
    const main = [
      process.execPath,
      '--import',
      join(import.meta.dirname, '../../../node_modules/tsx/dist/esm/index.mjs'),
      join(import.meta.dirname, 'scope-main.ts'),
    ];
    const { DBUS_SESSION_BUS_ADDRESS: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['-m', '-p', '-f', '-C', '--mount-proc', '--kill-child', '/bin/sh', '-c', WORLD, 'sh', ...main],
      { env: { ...env, XDG_RUNTIME_DIR: folder }, timeout: 60_000 },
    );
    rmSync(folder, { recursive: true });
    const told = Object.assign(
      {},
      ...stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ) as {
      offer: { tasks: boolean; memory: boolean } | null;
      elsewhere: null;
      name: string;
      group: string;
      shown: string[];
      bounded: string[];
    };
    expect(told.offer).not.toBeNull();
    expect(told.elsewhere).toBeNull();
    expect(told.group).toContain(`/${told.name}\n`);
    const { tasks, memoryBytes } = groupBounds(defaultLimits);
    expect(told.shown).toEqual(['ActiveState=active', `MemoryMax=${memoryBytes}`, `TasksMax=${tasks}`]);
    const few = groupBounds({ ...defaultLimits, processes: 10, memoryBytes: 2 ** 20 });
    expect(told.bounded).toEqual(['ActiveState=active', `MemoryMax=${few.memoryBytes}`, `TasksMax=${few.tasks}`]);
  },
  90_000,
);
