import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/index.js';
import { type Box, openBox } from './box.js';

const root = process.getuid?.() === 0;
const OTHER = 54_321;

let box: Box;
afterEach(() => box.close());

function giveTo(folder: string, id: number): void {
  chownSync(folder, id, id);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) giveTo(path, id);
    else if (lstatSync(path).isFile()) chownSync(path, id, id);
  }
}

/** A box whose scripts run as we do, or as another user who owns the project. */
async function open(who: 'us' | 'owner'): Promise<{ cache: string; done(): void }> {
  box = await openBox({}, async (options: SandboxOptions) => {
    if (who === 'owner') giveTo(options.projectRoot, OTHER);
    chmodSync(join(options.projectRoot, '..'), 0o755);
    return createSandbox(options);
  });
  const cache = join(box.project, 'cache');
  mkdirSync(cache);
  return { cache, done: () => who === 'owner' && giveTo(cache, OTHER) };
}

describe.each(root ? (['us', 'owner'] as const) : (['us'] as const))('a granted folder, scripts run as %s', (who) => {
  it('gets everything that a script did, when it has ended', async () => {
    const { cache, done } = await open(who);
    box.put('cache/old/deep/gone', '1');
    box.put('cache/old/deep/kept', '1');
    box.put('cache/anew/was', '1');
    box.put('cache/changed', 'before\n');
    box.put('cache/removed', '1');
    box.put('cache/file-then-folder', '1');
    box.put('cache/moved-from', 'moved\n');
    symlinkSync('changed', join(cache, 'link'));
    done();
    const run = await box.run(
      `cd ${cache}; rm removed old/deep/gone; echo more >> changed; rm -r anew; mkdir anew; echo 2 > anew/now;
       rm file-then-folder; mkdir -p file-then-folder/x; mv moved-from moved-to; rm link; ln -s moved-to link;
       mkdir -p new/a/b; echo hi > new/a/b/c; chmod 750 new/a/b/c; mkdir closed; echo in > closed/in; chmod 000 closed; ls -A anew`,
      { writable: [cache] },
    );
    expect(run).toMatchObject({ exitCode: 0, output: 'now\n' });
    expect(run.violation).toBeUndefined();
    const text = (path: string) => readFileSync(join(cache, path), 'utf8');
    expect(readdirSync(cache).sort()).toEqual(
      ['anew', 'changed', 'closed', 'file-then-folder', 'link', 'moved-to', 'new', 'old'].sort(),
    );
    expect(readdirSync(join(cache, 'old/deep'))).toEqual(['kept']);
    expect(readdirSync(join(cache, 'anew'))).toEqual(['now']);
    expect(text('changed')).toBe('before\nmore\n');
    expect(text('moved-to')).toBe('moved\n');
    expect(text('new/a/b/c')).toBe('hi\n');
    expect(statSync(join(cache, 'new/a/b/c')).mode & 0o777).toBe(0o750);
    expect(statSync(join(cache, 'new/a/b/c')).uid).toBe(who === 'owner' ? OTHER : process.getuid?.());
    expect(statSync(join(cache, 'new')).uid).toBe(who === 'owner' ? OTHER : process.getuid?.());
    expect(readlinkSync(join(cache, 'link'))).toBe('moved-to');
    expect(existsSync(join(cache, 'file-then-folder/x'))).toBe(true);
    expect(box.events.filter(({ action }) => action !== 'allowed')).toEqual([]);
    expect(existsSync(join(box.stateDir, 'layers')) ? readdirSync(join(box.stateDir, 'layers')) : []).toEqual([]);
  });

  it('stays as it is while the script runs, and a protected name never reaches it', async () => {
    const { cache, done } = await open(who);
    done();
    const seen: string[] = [];
    const watcher = watch(cache, { recursive: true }, (_, name) => seen.push(String(name)));
    await new Promise((wait) => setTimeout(wait, 50));
    const script = `mkdir -p ${cache}/made/just/.vscode; echo {} > ${cache}/made/just/.vscode/tasks.json; echo x > ${cache}/.npmrc; sleep 5; echo survived`;
    const run = await box.run(script, { writable: [cache] });
    await new Promise((wait) => setTimeout(wait, 50));
    watcher.close();
    expect(run.violation).toContain('protected path');
    expect(run.output).not.toContain('survived');
    expect(run.ms).toBeLessThan(4000);
    expect(seen).toEqual([]);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('gets all but the protected names where policy says to report only', async () => {
    await open(who);
    await box.close();
    box = await openBox({ consequences: { 'protected-path': 'report' } }, async (options) => {
      if (who === 'owner') giveTo(options.projectRoot, OTHER);
      chmodSync(join(options.projectRoot, '..'), 0o755);
      return createSandbox(options);
    });
    const cache = join(box.project, 'cache');
    mkdirSync(cache);
    if (who === 'owner') giveTo(cache, OTHER);
    const run = await box.run(
      `cd ${cache}; mkdir -p a/.git/hooks b; echo x > a/.git/hooks/post-merge; echo x > a/.git/HEAD; echo y > b/y; sleep 0.3; echo went on`,
      { writable: [cache] },
    );
    expect(run).toMatchObject({ exitCode: 0, output: 'went on\n' });
    expect(readdirSync(join(cache, 'a/.git'))).toEqual(['HEAD']);
    expect(readFileSync(join(cache, 'b/y'), 'utf8')).toBe('y\n');
    const told = box.events.filter(({ evidence }) => evidence.includes('protected name'));
    expect(told.map(({ target }) => target)).toContain(join(cache, 'a/.git/hooks'));
  });

  it('keeps nothing of a script that had to be ended', async () => {
    const { cache, done } = await open(who);
    done();
    const { defaultLimits } = await import('../../../src/sandbox/index.js');
    const run = await box.run(`echo half > ${cache}/half; sleep 20`, {
      writable: [cache],
      limits: { ...defaultLimits, wallMs: 500 },
    });
    expect(run.limit).toContain('time');
    expect(readdirSync(cache)).toEqual([]);
    await box.run(`echo whole > ${cache}/whole; exit 3`, { writable: [cache] });
    expect(readdirSync(cache)).toEqual(['whole']);
  });

  it('is not written through: hard links, links out, set-id bits and pipes stay outside', async () => {
    const { cache, done } = await open(who);
    const store = box.put('store', 'shared\n');
    linkSync(store, join(cache, 'file'));
    done();
    await box.run(
      `cd ${cache}; echo changed > file; ln -s /etc/hostname out; ln -s ${box.project}/../secret up; cp /bin/true suid; chmod 4755 suid; mkfifo pipe; mkdir -p .bin; echo x > .bin/node; echo ok > ok`,
      { writable: [cache] },
    );
    expect(readFileSync(store, 'utf8')).toBe('shared\n');
    expect(readFileSync(join(cache, 'file'), 'utf8')).toBe('changed\n');
    expect(readdirSync(cache).sort()).toEqual(['.bin', 'file', 'ok', 'suid']);
    expect(readdirSync(join(cache, '.bin'))).toEqual([]);
    expect(statSync(join(cache, 'suid')).mode & 0o7000).toBe(0);
    const undone = box.events.filter(({ action }) => action === 'undone').map(({ target }) => target);
    expect(undone.sort()).toEqual(['.bin/node', 'out', 'pipe', 'up'].map((name) => join(cache, name)).sort());
  });

  it('leaves alone what the user makes there meanwhile', async () => {
    const { cache, done } = await open(who);
    done();
    const running = box.run(`echo x > ${cache}/x; sleep 1`, { writable: [cache] });
    await new Promise((wait) => setTimeout(wait, 600));
    mkdirSync(join(cache, '.vscode'));
    writeFileSync(join(cache, '.vscode/settings.json'), '{}');
    const run = await running;
    expect(run.violation).toBeUndefined();
    expect(readdirSync(cache).sort()).toEqual(['.vscode', 'x']);
    expect(readFileSync(join(cache, '.vscode/settings.json'), 'utf8')).toBe('{}');
  });
});
