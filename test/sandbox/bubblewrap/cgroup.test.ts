import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ControlGroup, createControlGroup, findHierarchies } from '../../../src/sandbox/bubblewrap/cgroup.js';
import { defaultLimits } from '../../../src/sandbox/index.js';

const HYBRID = `31 20 0:30 / /sys/fs/cgroup rw - tmpfs tmpfs rw
35 31 0:34 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`;

describe('the hierarchies of a machine', () => {
  it('are found on a hybrid system, with the place of this process in each', () => {
    expect(findHierarchies(HYBRID, '8:pids:/a/b\n2:cpu,cpuacct:/\n0::/u.slice\n')).toEqual([
      { version: 1, controllers: ['cpu', 'cpuacct'], mount: '/sys/fs/cgroup/cpu,cpuacct', own: '' },
      { version: 1, controllers: ['pids'], mount: '/sys/fs/cgroup/pids', own: 'a/b' },
      { version: 2, controllers: [], mount: '/sys/fs/cgroup/unified', own: 'u.slice' },
    ]);
  });

  it('are found where a container shows a part of one', () => {
    const part = '9 8 0:1 /docker/x /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw';
    expect(findHierarchies(part, '0::/docker/x/inner\n')).toMatchObject([{ version: 2, own: 'inner' }]);
    expect(findHierarchies(part, '0::/elsewhere\n')).toEqual([]);
    expect(findHierarchies('', '')).toEqual([]);
  });
});

const machine = findHierarchies(
  readFileSync('/proc/self/mountinfo', 'utf8'),
  readFileSync('/proc/self/cgroup', 'utf8'),
);
const two = machine.filter(({ version }) => version === 2);
const root = two[0]?.mount ?? '';
const mayMake = (() => {
  try {
    mkdirSync(join(root, `si-test-${process.pid}`));
    rmdirSync(join(root, `si-test-${process.pid}`));
    return root !== '';
  } catch {
    return false;
  }
})();
const offered = mayMake ? readFileSync(join(root, 'cgroup.controllers'), 'utf8').split(/\s+/) : [];

let group: ControlGroup | null = null;
afterEach(async () => {
  group?.end();
  group?.remove();
  await new Promise((done) => setTimeout(done, 200));
});

/** A shell that enters the group as the sandbox does, and then runs a line. */
function inside(made: ControlGroup, line: string) {
  const enter = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';
  return spawn('/bin/sh', ['-c', enter, 'sh', ...made.entrances, '--', '/bin/sh', '-c', line], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

// Asks this machine's own kernel. Where it lets us make no group of version 2, or has given its controllers to version 1,
// the rows that need them say so in their name and are not run.
describe('version 2, on this machine', () => {
  it.runIf(mayMake)(
    `ends everything that is in a group at once${mayMake ? '' : ' (no group of version 2 can be made here)'}`,
    async () => {
      group = createControlGroup(two);
      expect(group?.keeps.ending).toBe(true);
      const shell = inside(group!, 'setsid sleep 60 & setsid sh -c "sleep 60 & sleep 60" & echo ready; wait');
      await new Promise((ready) => shell.stdout.once('data', ready));
      const folder = group!.entrances[0]!;
      expect(readFileSync(folder, 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(3);
      const ended = new Promise((done) => shell.once('exit', (_, signal) => done(signal)));
      group!.end();
      expect(await ended).toBe('SIGKILL');
      await new Promise((done) => setTimeout(done, 300));
      expect(readFileSync(folder, 'utf8')).toBe('');
      group!.remove();
      expect(existsSync(folder)).toBe(false);
    },
  );

  const bounded = offered.includes('pids') && offered.includes('memory');
  const why = bounded ? '' : ' (its controllers are in version 1 here: asked of a machine with version 2 alone)';
  it.runIf(bounded)(`keeps tasks and memory of a group${why}`, async () => {
    group = createControlGroup(two);
    expect(group?.keeps).toMatchObject({ tasks: 2, memory: 2 });
    group!.bound({ ...defaultLimits, processes: 4, memoryBytes: 64 * 1024 * 1024 });
    const shell = inside(group!, 'i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done');
    let said = '';
    shell.stderr.on('data', (chunk) => (said += chunk));
    await new Promise((done) => shell.once('exit', done));
    expect(said).toMatch(/fork|Resource temporarily unavailable/i);
  });

  it('is left alone where nothing can be made: no group, no error', () => {
    expect(createControlGroup([])).toBeNull();
    expect(createControlGroup([{ version: 2, controllers: [], mount: '/nonexistent', own: 'a/b' }])).toBeNull();
  });
});

describe('version 1 beside it', () => {
  const [pids] = machine.filter(({ version, controllers }) => version === 1 && controllers.includes('pids'));
  it.runIf(pids !== undefined && mayMake)('keeps the number of tasks', async () => {
    group = createControlGroup(machine);
    expect(group?.keeps.tasks).toBe(1);
    group!.bound({ ...defaultLimits, processes: 1 });
    const bound = join(group!.entrances.find((file) => file.includes('/pids/'))!, '../pids.max');
    expect(Number(readFileSync(bound, 'utf8'))).toBeLessThan(100);
    writeFileSync(bound, '5');
    const shell = inside(group!, 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done');
    let said = '';
    shell.stderr.on('data', (chunk) => (said += chunk));
    await new Promise((done) => shell.once('exit', done));
    expect(said).toMatch(/fork/i);
  });
});
