import { chownSync, copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { probeBubblewrap } from '../../../src/sandbox/bubblewrap/probe.js';
import { createBubblewrapSandbox } from '../../../src/sandbox/bubblewrap/sandbox.js';
import { type Box, openBox } from './box.js';

let box: Box;
afterEach(() => box.close());

describe('a run', () => {
  it('gives exit code and output, and says how it was confined', async () => {
    box = await openBox();
    const run = await box.run('echo out; echo err >&2; exit 7');
    expect(run).toMatchObject({ exitCode: 7, signal: null, limit: null, sandbox: 'full', event: 'postinstall' });
    expect(run.output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('keeps the end of long output', async () => {
    box = await openBox();
    const run = await box.run(`node -e "for(let i=0;i<30000;i++)console.log('line '+i+' '+'x'.repeat(60))"`);
    expect(run.output).toContain('line 29999 ');
    expect(run.output).toMatch(/^\[\d+ bytes before this are not kept\]/);
    expect(run.output.length).toBeLessThan(700_000);
  });

  it('ends kindly when it is aborted: the script hears the signal', async () => {
    box = await openBox();
    const abort = new AbortController();
    const running = box.run(
      'trap "echo heard; exit 0" TERM; echo > ready; sleep 20 & wait',
      {},
      { signal: abort.signal },
    );
    while (!statSync(join(box.subject, 'ready'), { throwIfNoEntry: false }))
      await new Promise((wait) => setTimeout(wait, 10));
    abort.abort();
    const run = await running;
    expect(run.output).toContain('heard');
    expect(run).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  it('ends all the same when the script does not listen', async () => {
    box = await openBox();
    const abort = new AbortController();
    const running = box.run('trap "" TERM INT; while :; do sleep 0.2; done', {}, { signal: abort.signal });
    setTimeout(() => abort.abort('SIGINT'), 300);
    const run = await running;
    expect(run.signal).toBe('SIGINT');
    expect(run.ms).toBeLessThan(8000);
  });

  it('keeps scripts that run at the same time apart', async () => {
    box = await openBox({ concurrency: 2 });
    const serve = `node -e "require('net').createServer(c=>c.end('met')).listen(7777);setTimeout(()=>process.exit(),3000)"`;
    const meet = `sleep 1; node -e "require('net').connect(7777,'127.0.0.1').on('data',d=>console.log(''+d)).on('error',e=>console.log(e.code))"; ls -d /proc/[0-9]* | wc -l`;
    const [, second] = await Promise.all([box.run(serve), box.run(meet, {}, { event: 'install' })]);
    expect(second.output).toContain('ECONNREFUSED');
    expect(second.output).not.toContain('met');
    expect(Number(second.output.trim().split('\n').at(-1))).toBeLessThan(6);
  });

  it('sees no process but its own: not the helper, nothing of its files', async () => {
    box = await openBox();
    const run = await box.run(
      'echo first $$; for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; ls $p/root/run; done 2>/dev/null; ps -e 2>/dev/null | wc -l',
    );
    expect(run.output).toContain('script');
    expect(run.output).not.toMatch(/helper|main\.js|gateway\.sock|safe-install/);
  });

  it('queues scripts beyond the concurrency', async () => {
    box = await openBox({ concurrency: 1 });
    const runs = await Promise.all(
      [1, 2, 3, 4].map((n) => box.run(`echo ${n}`, n % 2 ? {} : { readable: ['/etc/hostname'] })),
    );
    expect(runs.map(({ output }) => output.trim())).toEqual(['1', '2', '3', '4']);
  });

  it('shows a folder that was replaced between two scripts', async () => {
    box = await openBox();
    await box.run('true');
    rmSync(join(box.project, 'node_modules'), { recursive: true });
    box.put('node_modules/subject/package.json', '{"name":"subject","version":"2.0.0"}');
    expect((await box.run('cat package.json; echo x > new')).output).toContain('2.0.0');
    expect(readFileSync(join(box.subject, 'new'), 'utf8')).toBe('x\n');
  });

  it('passes variables that a grant names, but never those that load code', async () => {
    box = await openBox();
    const env = { PATH: '/usr/bin:/bin', MY_MIRROR: 'm', MY_TOKEN: 't', LD_PRELOAD: 'libm.so.6', GIT_SSH: 'x' };
    const run = await box.run('env', { env: ['MY_MIRROR', 'LD_PRELOAD', 'GIT_SSH'] }, { env });
    expect(run.output).toContain('MY_MIRROR=m');
    expect(run.output).not.toMatch(/MY_TOKEN|LD_PRELOAD|GIT_SSH=/);
  });

  it('gives readable, writable and hidden places as granted', async () => {
    box = await openBox();
    box.put('data/a.txt', 'a\n');
    box.put('data/secret/b.txt', 'b\n');
    box.put('out/c.txt', 'c\n');
    const at = (path: string) => join(box.project, path);
    const grant = {
      readable: [at('data')],
      writable: [at('out')],
      places: [
        { path: at('data/secret'), access: 'hidden' as const },
        { path: at('out/c.txt'), access: 'read' as const },
      ],
    };
    const run = await box.run(
      `cat ${at('data/a.txt')}; cat ${at('data/secret/b.txt')}; echo n > ${at('data/n')}; echo n > ${at('out/n')}; echo n > ${at('out/c.txt')}`,
      grant,
    );
    expect(run.output).toMatch(/^a$/m);
    expect(run.output).not.toMatch(/^b$/m);
    expect(readFileSync(at('out/n'), 'utf8')).toBe('n\n');
    expect(readFileSync(at('out/c.txt'), 'utf8')).toBe('c\n');
    expect(statSync(at('data/n'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each(['/', '/proc', '/run', '/dev/shm'])('refuses to grant %s', async (path) => {
    box = await openBox();
    await expect(box.run('true', { writable: [path] })).rejects.toMatchObject({
      code: 'ESANDBOXREQUEST',
      exitCode: 14,
    });
  });

  it('breaks hard links before a script can write through them', async () => {
    box = await openBox();
    const store = box.put('store/file', 'shared\n');
    linkSync(store, join(box.subject, 'file'));
    await box.run('echo changed > file');
    expect(readFileSync(store, 'utf8')).toBe('shared\n');
    expect(readFileSync(join(box.subject, 'file'), 'utf8')).toBe('changed\n');
  });

  it('links an own bin outside, where the rule says the script would have', async () => {
    box = await openBox();
    const platform = `${process.platform}-${process.arch}`;
    box.put(
      'node_modules/esbuild/package.json',
      JSON.stringify({
        name: 'esbuild',
        version: '9.9.9',
        optionalDependencies: { [`@esbuild/${platform}`]: '9.9.9' },
      }),
    );
    const bin = box.put('node_modules/esbuild/bin/esbuild', '#!/usr/bin/env node\n');
    box.put(`node_modules/@esbuild/${platform}/package.json`, `{"name":"@esbuild/${platform}","version":"9.9.9"}`);
    const native = box.put(`node_modules/@esbuild/${platform}/bin/esbuild`, '');
    copyFileSync('/bin/true', native);
    const request = {
      package: 'esbuild@9.9.9',
      location: 'node_modules/esbuild',
      cwd: join(box.project, 'node_modules/esbuild'),
    };
    await box.run('exit 3', {}, request);
    expect(readFileSync(bin, 'utf8')).toContain('node');
    await box.run('true', {}, request);
    expect(readFileSync(bin).equals(readFileSync(native))).toBe(true);
  });

  it.runIf(process.getuid?.() === 0)('runs as the owner of the project where we are root', async () => {
    box = await openBox();
    await box.close();
    box = await openBox({}, async (options) => {
      for (const path of [
        '',
        'node_modules',
        'node_modules/subject',
        'node_modules/subject/package.json',
        'node_modules/sibling',
      ]) {
        chownSync(join(options.projectRoot, path), 54_321, 54_321);
      }
      const { createSandbox } = await import('../../../src/sandbox/index.js');
      const { chmodSync } = await import('node:fs');
      chmodSync(join(options.projectRoot, '..'), 0o755);
      return createSandbox(options);
    });
    expect((await box.run('echo x > made')).output).toBe('');
    expect(statSync(join(box.subject, 'made')).uid).toBe(54_321);
  });
});

describe('level basic', () => {
  const open = async () => {
    const probe = await probeBubblewrap();
    return openBox({}, (options) =>
      createBubblewrapSandbox(options, 'basic', { bwrap: probe.bwrap!, setpriv: '', prlimit: probe.prlimit }),
    );
  };

  it('confines a script with proxy variables as the way to the registry', async () => {
    box = await open();
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    const reach = `node -e "require('net').connect(${port},'127.0.0.1').on('connect',()=>console.log('reached')).on('error',e=>console.log(e.code))"`;
    const run = await box.run(
      `curl -sS "$npm_config_registry"subject; echo; ${reach}; echo x >> ../sibling/package.json; echo own > own; ls ${box.project}; unshare -U true; (setsid sleep 30 &) ; exit 4`,
    );
    server.close();
    expect(run).toMatchObject({ sandbox: 'basic', exitCode: 4 });
    expect(run.output).toContain('"name":"subject"');
    expect(run.output).not.toContain('reached');
    expect(run.output).toMatch(/sibling\/package.json: Read-only/);
    expect(run.output).toMatch(/^node_modules$/m);
    expect(run.output).toMatch(/unshare failed/);
    expect(run.ms).toBeLessThan(10_000);
    expect(readFileSync(join(box.subject, 'own'), 'utf8')).toBe('own\n');
    expect(box.requests).toEqual(['GET /subject']);
  });

  it('has the decoys, the limits and the consequences too', async () => {
    box = await open();
    const run = await box.run(
      'cat ~/.aws/credentials >/dev/null; curl -s "$npm_config_registry"subject; sleep 5; echo survived',
    );
    expect(run.violation).toContain('~/.aws/credentials');
    expect(run.output).not.toContain('survived');
    writeFileSync(join(box.subject, 'x'), '');
    mkdirSync(join(box.subject, 'y'));
    const bomb = await box.run('b(){ b|b & }; b; sleep 30', {
      limits: { ...(await import('../../../src/sandbox/index.js')).defaultLimits, processes: 50 },
    });
    expect(bomb.limit).toMatch(/^processes/);
  });
});
