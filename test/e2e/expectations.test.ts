import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROXY_PORTS } from '../../src/sandbox/bubblewrap/helper/protocol.js';
import { createSandbox, defaultGrant, defaultLimits } from '../../src/sandbox/index.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { parseSettings, settingsToGrant } from '../../src/sandbox/settings/index.js';
import {
  at,
  EXPECTATIONS,
  type Expectation,
  expectedOf,
  GRANT_NAMES,
  type GrantName,
  grantsFor,
  type Places,
} from '../sandbox/expectations.js';

const SYSTEM = /^\/(usr|bin|etc)\//;
const nonce = () => randomBytes(9).toString('hex');

let root: string;
let places: Places;
let sandbox: Sandbox;
let listener: Server;
let listened = 0;
const realHome = process.env['HOME'];
/** What each row's file says on the machine, and what its script writes or prints. */
const words = new Map(EXPECTATIONS.map((row) => [row, nonce()]));

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

beforeAll(async () => {
  // Not below /tmp: the sandbox has one of its own, so that nothing there would fail for the right reason.
  root = realpathSync(mkdtempSync(join(homedir(), '.safe-install-test-')));
  const home = join(root, 'home');
  const project = join(home, 'project');
  places = { home, project, package: join(project, 'node_modules/pkg'), elsewhere: join(root, 'elsewhere') };
  for (const folder of ['src/locked', '.git/hooks', 'node_modules/.bin', 'node_modules/sibling', 'secrets']) {
    mkdirSync(join(project, folder), { recursive: true });
  }
  for (const folder of ['.cache/tool', '.cache/other', '.ssh', 'bin'])
    mkdirSync(join(home, folder), { recursive: true });
  mkdirSync(places.package, { recursive: true });
  put(join(project, 'package-lock.json'), '{}');
  for (const row of EXPECTATIONS) {
    const path = at(row.target, places);
    if (row.operation === 'read' && !SYSTEM.test(path)) put(path, words.get(row)!);
    if (row.operation === 'execute' && !SYSTEM.test(path)) put(path, `#!/bin/sh\necho ${words.get(row)}\n`, 0o755);
  }
  listener = createServer((socket) => {
    listened++;
    socket.destroy();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  process.env['HOME'] = home;
  sandbox = await createSandbox({
    projectRoot: project,
    readable: [join(project, 'node_modules')],
    registries: [],
    upstream: {},
    stateDir: join(root, 'state'),
    require: 'full',
    // The table asks what gets through; that an attempt also ends the script is tested elsewhere.
    consequences: { canary: 'report', 'decoy-then-network': 'report', 'protected-path': 'report' },
  });
});

afterAll(async () => {
  process.env['HOME'] = realHome;
  await sandbox?.close();
  listener?.close();
  rmSync(root, { recursive: true, force: true });
});

/** Every row as one line of shell that says `<number> <what it got>`, or writes its word. */
function lineOf(row: Expectation, number: number): string {
  const path = at(row.target, places);
  const word = words.get(row)!;
  switch (row.operation) {
    case 'read':
      return SYSTEM.test(path)
        ? `[ -s '${path}' ] && head -c 4 '${path}' >/dev/null && echo "${number} ${word}"`
        : `echo "${number} $(cat '${path}' 2>/dev/null)"`;
    case 'write':
      return `(mkdir -p '${dirname(path)}' && echo ${word} > '${path}') 2>/dev/null`;
    case 'execute':
      if (path === '/bin/sh') return `${path} -c 'echo ${number} ${word}'`;
      if (path === '/usr/bin/env') return `${path} echo ${number} ${word}`;
      return `echo "${number} $('${path}' 2>/dev/null)"`;
    case 'connect': {
      const { port } = listener.address() as AddressInfo;
      const [host, to] = path.replace('{listener}', `127.0.0.1:${port}`).split(':');
      // The way out is a port of the sandbox on Linux, and one of its own for each script on macOS.
      const inside = process.platform === 'darwin' ? 'new URL(process.env.HTTPS_PROXY).port' : PROXY_PORTS.connect;
      const target = path === '{gateway}' ? `${inside},'127.0.0.1'` : `${to},'${host}'`;
      const code = `const s=require('net').connect(${target},()=>{console.log('${number} ${word}');process.exit()});s.on('error',()=>process.exit());setTimeout(()=>process.exit(),3000)`;
      return `"${process.execPath}" -e "${code}"`;
    }
  }
}

/** What each row got under a grant: `allow` where its word came through. */
async function outcomes(name: GrantName): Promise<Map<Expectation, 'allow' | 'deny'>> {
  const grants = grantsFor(places, defaultGrant(), (text) =>
    settingsToGrant(parseSettings(text, 'test'), {
      cwd: places.project,
      home: places.home,
      limits: defaultLimits,
      base: 'command',
      command: 'test',
      toolchain: [],
    }),
  );
  const { grant, cwd, cwdWritable } = grants[name];
  const written = EXPECTATIONS.filter(({ operation }) => operation === 'write');
  for (const row of written) rmSync(at(row.target, places), { force: true });
  put(join(places.project, 'package-lock.json'), '{}');
  const run = await sandbox.run(
    {
      package: 'pkg@1.0.0',
      location: 'node_modules/pkg',
      event: 'postinstall',
      command: EXPECTATIONS.map(lineOf).join('\n'),
      cwd,
      cwdWritable,
      env: { PATH: process.env['PATH']! },
      stdio: 'pipe',
    },
    grant,
  );
  const lines = run.output.split('\n');
  return new Map(
    EXPECTATIONS.map((row, number) => {
      const path = at(row.target, places);
      const word = words.get(row)!;
      const through =
        row.operation === 'write'
          ? existsSync(path) && readFileSync(path, 'utf8').includes(word)
          : lines.includes(`${number} ${word}`);
      return [row, through ? 'allow' : 'deny'];
    }),
  );
}

describe.each(GRANT_NAMES)('the real sandbox under the %s grant', (name) => {
  let got: Map<Expectation, 'allow' | 'deny'>;
  beforeAll(async () => {
    got = await outcomes(name);
  });

  test.each(EXPECTATIONS)('$operation $target: $why', (row) => {
    expect(got.get(row)).toBe(expectedOf(row, name));
  });
});

test('nothing of the sandbox reached a service of the machine', () => {
  expect(listened).toBe(0);
});
