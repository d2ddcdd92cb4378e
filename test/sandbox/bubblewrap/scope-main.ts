// Runs beside a systemd of its own (scope.test.ts): what it offers, and what a scope of it is, as JSON lines.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { askForScope, createScope } from '../../../src/sandbox/bubblewrap/scope.js';
import { defaultLimits } from '../../../src/sandbox/index.js';

const tell = (value: unknown) => console.log(JSON.stringify(value));
const offer = await askForScope(defaultLimits);
tell({ offer: offer === null ? null : { tasks: offer.tasks, memory: offer.memory } });
tell({ elsewhere: await askForScope(defaultLimits, { XDG_RUNTIME_DIR: '/nowhere' }) });
if (offer !== null) {
  const scope = createScope(offer, defaultLimits);
  const [program, ...args] = scope.entering as [string, ...string[]];
  const child = spawn(program, [...args, '/bin/sh', '-c', 'echo in; sleep 30'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((done) => child.stdout.once('data', done));
  const shown = () =>
    execFileSync('systemctl', ['--user', 'show', scope.name, '-p', 'TasksMax', '-p', 'MemoryMax', '-p', 'ActiveState'])
      .toString()
      .trim()
      .split('\n')
      .sort();
  // The program is the child itself, so that whoever ends the child ends it.
  tell({ name: scope.name, group: readFileSync(`/proc/${child.pid}/cgroup`, 'utf8'), shown: shown() });
  scope.bound({ ...defaultLimits, processes: 10, memoryBytes: 2 ** 20 });
  tell({ bounded: shown() });
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
}
