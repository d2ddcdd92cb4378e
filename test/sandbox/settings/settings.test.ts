import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Place } from '../../../src/sandbox/sandbox.js';
import {
  accessAt,
  covers,
  loadSettings,
  parseSettings,
  SettingsError,
  settingsTemplate,
  settingsToGrant,
} from '../../../src/sandbox/settings/index.js';

const LIMITS = { wallMs: 1, cpuSeconds: 1, processes: 1, memoryBytes: 1, fileBytes: 1, writtenBytes: 1, openFiles: 1 };
let root: string;
let home: string;
let cwd: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'settings-')));
  home = join(root, 'home', 'u');
  cwd = join(home, 'project');
  for (const folder of ['src/deep', 'config', 'secrets', '.git']) mkdirSync(join(cwd, folder), { recursive: true });
  for (const folder of ['.ssh', 'other']) mkdirSync(join(home, folder), { recursive: true });
  for (const file of [
    '.env',
    'src/.env',
    'src/deep/.env.local',
    'src/a.js',
    'config/production.json',
    'secrets/k.pem',
  ]) {
    writeFileSync(join(cwd, file), '');
  }
  symlinkSync(join(home, 'other'), join(cwd, 'linked'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What a grant of these filesystem rules gives at a path, as the sandbox applies it: the last exception that covers it. */
function accessOf(filesystem: object, path: string, base: 'command' | 'script' = 'command'): Place['access'] {
  const settings = parseSettings(JSON.stringify({ filesystem }), 'test');
  const grant = settingsToGrant(settings, { cwd, home, limits: LIMITS, base, command: 'x', toolchain: [] });
  const outside = base === 'command' ? 'read' : 'hidden';
  return grant.places!.findLast((place) => covers(place.path, path))?.access ?? outside;
}

describe('reading', () => {
  test('is open to a command where nothing denies it, and closed to a script where nothing allows it', () => {
    expect(accessOf({}, join(home, '.ssh'))).toBe('read');
    expect(accessOf({}, join(home, '.ssh'), 'script')).toBe('hidden');
    expect(accessOf({ allowRead: ['~/other'] }, join(home, 'other/x'), 'script')).toBe('read');
  });

  test('a denied region is hidden, what is allowed inside it is read, what is denied inside that is hidden again', () => {
    const rules = { denyRead: ['~', './secrets', '**/.env'], allowRead: ['.'] };
    expect(accessOf(rules, join(home, '.ssh/id'))).toBe('hidden');
    expect(accessOf(rules, join(cwd, 'src/a.js'))).toBe('read');
    expect(accessOf(rules, join(cwd, 'secrets/k.pem'))).toBe('hidden');
    expect(accessOf(rules, join(cwd, 'src/.env'))).toBe('hidden');
    expect(accessOf(rules, '/usr/bin/env')).toBe('read');
  });

  test('where the same path is denied and allowed, allowed wins', () => {
    expect(accessOf({ denyRead: ['~/other'], allowRead: ['~/other'] }, join(home, 'other'))).toBe('read');
  });

  test('a writable path that is denied to read stays hidden, one inside a denied region is open', () => {
    expect(accessOf({ denyRead: ['~/other'], allowWrite: ['~/other'] }, join(home, 'other'))).toBe('hidden');
    expect(accessOf({ denyRead: ['~'], allowWrite: ['.'] }, join(cwd, 'new'))).toBe('write');
  });
});

describe('writing', () => {
  test('is closed where nothing allows it', () => {
    expect(accessOf({}, join(cwd, 'src'))).toBe('read');
    expect(accessOf({ allowWrite: ['src'] }, join(cwd, 'src/new'))).toBe('write');
    expect(accessOf({ allowWrite: ['src'] }, join(cwd, 'config'))).toBe('read');
  });

  test('a denied path is read-only however specific the allowed one is', () => {
    const rules = { allowWrite: ['.', 'src/deep'], denyWrite: ['src', 'config/production.json', '.env'] };
    expect(accessOf(rules, join(cwd, 'src/deep/x'))).toBe('read');
    expect(accessOf(rules, join(cwd, 'config/production.json'))).toBe('read');
    expect(accessOf(rules, join(cwd, 'config/other.json'))).toBe('write');
    expect(accessOf(rules, join(cwd, '.env'))).toBe('read');
  });

  test('a path that does not exist yet can be denied', () => {
    expect(accessOf({ allowWrite: ['.'], denyWrite: ['.vscode/tasks.json'] }, join(cwd, '.vscode/tasks.json'))).toBe(
      'read',
    );
  });

  test('globs match dot files at any depth, one star does not cross folders', () => {
    const deep = { allowWrite: ['.'], denyWrite: ['**/.env*'] };
    expect(accessOf(deep, join(cwd, 'src/deep/.env.local'))).toBe('read');
    expect(accessOf(deep, join(cwd, '.env'))).toBe('read');
    const flat = { allowWrite: ['.'], denyWrite: ['*/.env*'] };
    expect(accessOf(flat, join(cwd, 'src/.env'))).toBe('read');
    expect(accessOf(flat, join(cwd, 'src/deep/.env.local'))).toBe('write');
  });

  test('a path marked literal is no glob', () => {
    const rules = { allowWrite: ['.'], denyWrite: [{ path: './**', literal: true }] };
    expect(accessOf(rules, join(cwd, 'src/a.js'))).toBe('write');
  });

  test('a symlink stands for what it leads to', () => {
    expect(accessOf({ allowWrite: ['linked'] }, join(home, 'other/x'))).toBe('write');
  });
});

test('the ordered exceptions say the same as the rules, for every path there is', () => {
  const rules = {
    denyRead: ['~', '**/.env', 'secrets'],
    allowRead: ['.', '~/other'],
    allowWrite: ['src', 'secrets/k.pem', '~/other'],
    denyWrite: ['src/deep', '~/other/x'],
  };
  const lists = {
    denyRead: [home, join(cwd, '.env'), join(cwd, 'src/.env'), join(cwd, 'secrets')],
    allowRead: [cwd, join(home, 'other')],
    allowWrite: [join(cwd, 'src'), join(cwd, 'secrets/k.pem'), join(home, 'other')],
    denyWrite: [join(cwd, 'src/deep'), join(home, 'other/x')],
  };
  const paths = ['/', '/etc/passwd', home, cwd, join(home, '.ssh'), join(home, 'other/x'), join(home, 'other/y')];
  for (const inside of ['src', 'src/a.js', 'src/.env', 'src/deep/x', '.env', 'secrets', 'secrets/k.pem', 'secrets/z']) {
    paths.push(join(cwd, inside));
  }
  for (const path of paths) expect(accessOf(rules, path), path).toBe(accessAt(path, lists, true));
});

describe('the rest of a grant', () => {
  const grantOf = (settings: object, command = 'npm run build') =>
    settingsToGrant(parseSettings(JSON.stringify(settings), 'test'), {
      cwd,
      home,
      limits: LIMITS,
      base: 'command',
      toolchain: [],
      command,
    });

  test('domains, depth and local ports pass', () => {
    const grant = grantOf({
      network: { allowedDomains: ['a.example', '*.b.example:8443'], deniedDomains: ['*'], allowLocalBinding: true },
      mandatoryDenySearchDepth: 7,
    });
    expect(grant).toMatchObject({
      hosts: ['a.example', '*.b.example:8443'],
      deniedHosts: ['*'],
      localBinding: true,
      protectedDepth: 7,
    });
  });

  test('violations are ignored for commands that the pattern is part of', () => {
    const ignoreViolations = { '*': ['/usr/bin'], 'npm run': ['~/x'], 'git push': ['/usr/bin/nc'] };
    expect(grantOf({ ignoreViolations }).ignoreViolations).toEqual(['/usr/bin', join(home, 'x')]);
  });

  test('a toolchain that lies in a hidden folder stays readable, and nothing beside it', () => {
    const settings = parseSettings(JSON.stringify({ filesystem: { denyRead: ['~'] } }), 'test');
    const toolchain = [join(home, '.nvm/node')];
    const { places } = settingsToGrant(settings, {
      cwd,
      home,
      limits: LIMITS,
      base: 'command',
      command: '',
      toolchain,
    });
    const access = (path: string) => places!.findLast((place) => covers(place.path, path))?.access;
    expect(access(join(home, '.nvm/node/bin/node'))).toBe('read');
    expect(access(join(home, '.nvm/other'))).toBe('hidden');
  });

  test('sockets of the machine are hidden unless allowed', async () => {
    const socket = join(root, 'agent.sock');
    const server = createServer().listen(socket);
    await new Promise((listening) => server.once('listening', listening));
    const at = (settings: object) => grantOf(settings).places!.findLast((place) => covers(place.path, socket))?.access;
    expect(at({})).toBe('hidden');
    expect(at({ network: { allowUnixSockets: [socket] } })).toBe('write');
    await new Promise((closed) => server.close(closed));
  });

  test('the folders that a sandbox has of its own are not taken from the machine', () => {
    const { readable } = grantOf({});
    for (const own of ['/proc', '/dev', '/sys', '/run', '/tmp', '/etc', '/usr']) expect(readable).not.toContain(own);
    expect(readable).toContain('/var');
    expect(
      settingsToGrant(parseSettings('{}', 't'), {
        cwd,
        home,
        limits: LIMITS,
        base: 'script',
        command: '',
        toolchain: [],
      }).readable,
    ).toEqual([]);
  });
});

describe('what is not understood is refused', () => {
  test.each([
    ['{', 'not JSON'],
    ['[]', 'expected object'],
    ['{"netwrok":{}}', 'netwrok'],
    ['{"network":{"allowAllUnixSockets":true}}', 'allowAllUnixSockets'],
    ['{"network":{"allowedDomains":["*"]}}', 'network.allowedDomains.0'],
    ['{"network":{"allowedDomains":["http://a.example/"]}}', 'network.allowedDomains.0'],
    ['{"network":{"allowedDomains":"a.example"}}', 'network.allowedDomains'],
    ['{"filesystem":{"denyRead":[""]}}', 'filesystem.denyRead.0'],
    ['{"filesystem":{"denyRead":[{"path":"/x","literal":false}]}}', 'filesystem.denyRead.0'],
    ['{"mandatoryDenySearchDepth":0}', 'mandatoryDenySearchDepth'],
    ['{"mandatoryDenySearchDepth":11}', 'mandatoryDenySearchDepth'],
  ])('%s', (text, named) => {
    expect(() => parseSettings(text, 'file.json')).toThrow(SettingsError);
    expect(() => parseSettings(text, 'file.json')).toThrow(named);
  });

  test('a missing file', () => {
    expect(() => loadSettings(join(root, 'none.json'))).toThrow('does not exist');
  });
});

test('both templates are settings; base has no network and writes nothing', () => {
  expect(settingsTemplate('base')).toMatchObject({ network: { allowedDomains: [] }, filesystem: { allowWrite: [] } });
  expect(settingsTemplate('development').filesystem.allowWrite).toEqual(['.']);
  const grant = settingsToGrant(settingsTemplate('base'), {
    cwd,
    home,
    limits: LIMITS,
    base: 'command',
    command: '',
    toolchain: [],
  });
  expect(grant.places!.findLast((place) => covers(place.path, join(home, '.ssh')))?.access).toBe('hidden');
  expect(grant.places!.findLast((place) => covers(place.path, join(cwd, 'src')))?.access).toBe('read');
});
