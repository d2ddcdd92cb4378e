import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SandboxEvent, ScriptRun, TraceEntry } from '../../../src/model.js';
import { type Lesson, proposeGrant } from '../../../src/sandbox/learn/index.js';
import { variablesNamed, variablesOfRun } from '../../../src/sandbox/learn/variables.js';

let root: string;
const at = (path: string) => join(root, path);
const put = (path: string, text = 'x') => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'si-learn-test-')));
  mkdirSync(at('home/project'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const entry = (what: TraceEntry['what'], target: string, error: string | null = null): TraceEntry => ({
  what,
  target,
  error,
  times: 1,
});

const event = (kind: SandboxEvent['class'], target: string, more: Partial<SandboxEvent> = {}): SandboxEvent => ({
  time: '2026-01-01T00:00:00.000Z',
  package: 'x@1.0.0',
  script: 'postinstall',
  class: kind,
  target,
  action: 'denied',
  evidence: 'A query',
  ...more,
});

function propose(entries: TraceEntry[], more: Partial<Lesson> = {}, run: Partial<ScriptRun> = {}) {
  const ranIn = at('scratch');
  const proposal = proposeGrant({
    runs: [
      {
        package: 'x@1.0.0',
        location: 'node_modules/x',
        event: 'postinstall',
        command: 'node install.js',
        exitCode: 1,
        signal: null,
        ms: 1,
        sandbox: 'full',
        output: '',
        limit: null,
        trace: { unseen: null, entries, variables: [] },
        ...run,
      },
    ],
    events: [],
    folder: join(ranIn, 'node_modules/x'),
    ranIn,
    project: at('home/project'),
    home: at('home'),
    env: {},
    granted: [],
    ...more,
  });
  const words = (wishes: { kind: string; value: string }[]) => wishes.map(({ kind, value }) => `${kind} ${value}`);
  return {
    ...proposal,
    proposed: words(proposal.proposed),
    refused: words(proposal.refused),
    caches: words(proposal.caches),
  };
}

describe('hosts', () => {
  it('are proposed by name, once, whether the name or a connection was refused', () => {
    const events = [event('dns', 'cdn.example'), event('dns', 'CDN.example'), event('network', 'dl.example:443')];
    expect(propose([], { events })).toMatchObject({ proposed: ['host cdn.example', 'host dl.example'], refused: [] });
  });

  it('are not proposed as addresses, on other ports, or with data in their name', () => {
    const events = [
      event('network', '192.0.2.1:443'),
      event('network', 'dl.example:22'),
      event('dns', `${'a'.repeat(50)}.collect.example`),
      event('dns', 'localhost'),
    ];
    const { proposed, refused } = propose([], { events });
    expect(proposed).toEqual([]);
    expect(refused).toHaveLength(4);
  });

  it('are not proposed for a script that read a planted credential, also where policy only reports that', () => {
    const events = [
      event('decoy', '~/.npmrc', { action: 'reported', evidence: 'decoy credential was read' }),
      event('dns', 'cdn.example'),
    ];
    expect(propose([], { events })).toMatchObject({ proposed: [], refused: ['host cdn.example'] });
  });
});

describe('paths', () => {
  it('are folders to write, as narrow as they were wanted, written as a policy has them', () => {
    const { proposed } = propose([
      entry('make', at('scratch/generated'), 'EROFS'),
      entry('write', at('scratch/generated/deep/a.js'), 'ENOENT'),
      entry('write', '/srv/data/x', 'EROFS'),
      entry('write', '/srv/data/y', 'EROFS'),
    ]);
    expect(proposed).toEqual(['write /srv/data', 'write generated']);
  });

  it('are found too where the write went into a folder that vanishes', () => {
    expect(propose([entry('write', at('scratch/out/a.js'))], {}, { exitCode: 0 }).proposed).toEqual(['write out']);
  });

  it('are not the project, HOME, or what is above them, nor other packages', () => {
    const { proposed, refused } = propose([
      entry('write', at('scratch/a.js'), 'EROFS'),
      entry('write', '/x', 'EROFS'),
      entry('write', at('scratch/node_modules/y/index.js'), 'EROFS'),
    ]);
    expect(proposed).toEqual([]);
    expect(refused).toHaveLength(3);
  });

  it('are never credentials or names that decide what runs', () => {
    for (const path of ['home/.ssh/id_rsa', 'home/.npmrc', 'home/project/.env', 'home/a/server.pem', 'home/.bashrc'])
      put(path);
    const { proposed, refused } = propose([
      ...['.ssh/id_rsa', '.npmrc', 'project/.env', 'a/server.pem', '.bashrc'].map((name) =>
        entry('read', at(`home/${name}`), 'ENOENT'),
      ),
      entry('write', at('scratch/.vscode/tasks.json'), 'EROFS'),
      entry('write', at('scratch/.git/hooks/pre-commit'), 'EROFS'),
    ]);
    expect(proposed).toEqual([]);
    expect(refused).toHaveLength(7);
  });

  it('are files to read only where they exist, outside of what every sandbox has', () => {
    put('home/project/settings.json');
    put('home/project/node_modules/y/package.json');
    const { proposed } = propose([
      entry('read', at('scratch/settings.json'), 'ENOENT'),
      entry('read', at('scratch/other.json'), 'ENOENT'),
      entry('read', at('scratch/node_modules/y/package.json'), 'ENOENT'),
      entry('read', '/etc/machine-id', 'ENOENT'),
      entry('read', '/usr/lib/x', 'ENOENT'),
    ]);
    expect(proposed).toEqual(['read settings.json']);
  });

  it('that were only asked about count where the script failed', () => {
    put('home/project/settings.json');
    const asked = [entry('look', at('scratch/settings.json'), 'ENOENT')];
    expect(propose(asked).proposed).toEqual(['read settings.json']);
    expect(propose(asked, {}, { exitCode: 0 }).proposed).toEqual([]);
  });

  it('of the private HOME are caches, proposed apart', () => {
    const { proposed, caches } = propose([
      entry('write', at('home/.cache/tool/1/a')),
      entry('write', at('home/.cache/tool/2/b')),
      entry('write', at('home/.toolrc')),
      entry('write', at('home/.npm/_logs/x')),
      entry('write', at('home/.ssh/known_hosts')),
    ]);
    expect(proposed).toEqual([]);
    expect(caches).toEqual(['cache ~/.cache/tool']);
  });
});

describe('variables', () => {
  it('are found in JavaScript and shell', () => {
    const text = 'process.env.A; process.env["B"]; const { C, D: d = 1 } = process.env; echo $E $' + '{F:-x}';
    expect(variablesNamed(text).sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  });

  it('are found in the files of the package that were read, and in those that the command names', () => {
    put('x/install.js', 'process.env.FROM_FILE');
    put('x/lib/more.js', 'process.env.FROM_MORE');
    put('x/unread.js', 'process.env.UNREAD');
    put('y/other.js', 'process.env.OTHER');
    const read = ['x/lib/more.js', 'y/other.js'].map((path) => entry('read', at(path)));
    expect(variablesOfRun('node install.js $IN_COMMAND', at('x'), read)).toEqual([
      'FROM_FILE',
      'FROM_MORE',
      'IN_COMMAND',
    ]);
  });

  it('are proposed where the code names them and the sandbox kept them, but no secrets and nothing that loads code', () => {
    const variables = ['TOOL_MIRROR', 'TOOL_TOKEN', 'NODE_OPTIONS', 'LANG', 'ABSENT'];
    const trace = { unseen: null, entries: [], variables };
    const env = { TOOL_MIRROR: 'm', TOOL_TOKEN: 't', NODE_OPTIONS: '-r x', LANG: 'C', OTHER: 'o' };
    expect(propose([], { env }, { trace })).toMatchObject({
      proposed: ['env TOOL_MIRROR'],
      refused: ['env TOOL_TOKEN', 'env NODE_OPTIONS'].sort(),
    });
    expect(propose([], { env, granted: ['TOOL_MIRROR'] }, { trace }).proposed).toEqual([]);
  });
});

it('proposes nothing at all for a script that was ended for a violation, and says what it wanted', () => {
  const entries = [entry('make', at('scratch/generated'), 'EROFS'), entry('write', at('home/.cache/tool/a'))];
  const violation = 'read the decoy ~/.npmrc, then asked for the network';
  const proposal = propose(entries, { events: [event('dns', 'cdn.example')] }, { violation, exitCode: null });
  expect(proposal).toMatchObject({ proposed: [], caches: [] });
  expect(proposal.refused.sort()).toEqual(['host cdn.example', 'write generated']);
});

it('names refused calls, what was taken back, and what it could not see', () => {
  const events = [event('file', '/p/.vscode', { action: 'undone', evidence: 'a protected name in a granted folder' })];
  const run = {
    trace: { unseen: 'strace is not installed', entries: [entry('refused', 'ptrace', 'EPERM')], variables: [] },
  };
  expect(propose([], { events }, run)).toMatchObject({
    proposed: [],
    refused: ['write /p/.vscode', 'call ptrace'],
    unseen: ['strace is not installed'],
  });
});
