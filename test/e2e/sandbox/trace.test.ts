import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScriptRun } from '../../../src/model.js';
import { createBubblewrapSandbox } from '../../../src/sandbox/bubblewrap/sandbox.js';
import { probeSandbox } from '../../../src/sandbox/index.js';
import { type Box, openBox } from './box.js';

let box: Box;
afterEach(() => box.close());

const lines = (run: ScriptRun) =>
  run.trace!.entries.map(({ what, target, error }) => `${what} ${target}${error === null ? '' : ` ${error}`}`);

// strace is part of the test set-up (`npm test` brings it); without it the first row says so.
describe('a traced script', () => {
  it('is seen with its programs, files, addresses and refused calls', async () => {
    box = await openBox();
    const run = await box.run(
      `node -e 'require("fs").mkdirSync("made"); require("fs").writeFileSync("made/x", "1")'; cat ${box.project}/secret.txt; getent hosts x.example; unshare -U true; exit 3`,
      {},
      { trace: true },
    );
    expect(run.trace).toBeDefined();
    expect(run.trace!.unseen).toBeNull();
    expect(run.exitCode).toBe(3);
    expect(existsSync(join(box.subject, 'made/x'))).toBe(true);
    const seen = lines(run);
    expect(seen).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^run \S+node -e require/),
        `make ${box.subject}/made`,
        `write ${box.subject}/made/x`,
        `read ${box.project}/secret.txt ENOENT`,
        'connect 127.0.0.1:53',
        'refused unshare EPERM',
      ]),
    );
    expect(run.metrics?.privilegeAttempts).toBe(1);
    const denied = await box.run('echo x > ../sibling/package.json; echo x > /usr/x', {}, { trace: true });
    expect(denied.metrics).toMatchObject({ deniedFiles: 2, privilegeAttempts: 0 });
    // Nothing of how the sandbox was set up.
    expect(seen.join('\n')).not.toMatch(/newroot|oldroot|bwrap|prlimit|safe-install/);
  });

  it('runs like one that is not: same output, same code, violations end it', async () => {
    box = await openBox();
    const plain = await box.run('echo out; echo err >&2; exit 7');
    const traced = await box.run('echo out; echo err >&2; exit 7', {}, { trace: true });
    expect([traced.output, traced.exitCode]).toEqual([plain.output, 7]);
    expect(plain.trace).toBeUndefined();
    const ended = await box.run('cat ~/.ssh/id_ed25519; getent hosts x.example; sleep 20', {}, { trace: true });
    expect(ended.violation).toContain('decoy');
    expect(ended.ms).toBeLessThan(10_000);
    expect(lines(ended).join('\n')).toContain('.ssh/id_ed25519');
  });

  it('is bounded like any other: processes of the tracer do not count', async () => {
    box = await openBox();
    const limits = { ...(await import('../../../src/sandbox/index.js')).defaultLimits, processes: 3 };
    const few = await box.run('sleep 0.3 & sleep 0.3 & wait; echo done', { limits }, { trace: true });
    expect([few.limit, few.output]).toEqual([null, 'done\n']);
    const many = await box.run('for i in 1 2 3 4 5 6 7 8; do sleep 3 & done; wait', { limits }, { trace: true });
    expect(many.limit).toContain('processes');
  });

  it('cannot reach the pipe of its trace', async () => {
    box = await openBox();
    const run = await box.run('ls -l /proc/self/fd; ls /run/safe-install 2>&1', {}, { trace: true });
    expect(run.output).not.toContain('homes');
    expect(run.output).toContain('No such file');
    expect(run.trace!.unseen).toBeNull();
  });

  it('says what it could not see in the basic sandbox', async () => {
    const probe = await probeSandbox();
    box = await openBox({ require: 'basic' }, (options) =>
      createBubblewrapSandbox(options, 'basic', { bwrap: probe.bwrap!, setpriv: '', prlimit: probe.prlimit }),
    );
    const run = await box.run('echo fine', {}, { trace: true });
    expect(run.output).toBe('fine\n');
    expect(run.trace).toEqual({ unseen: expect.stringContaining('basic sandbox'), entries: [], variables: [] });
  });
});
