import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SandboxEvent, ScriptRun } from '../../src/model.js';
import { appendAudit, countAttempts, risingAttempts } from '../../src/sandbox/audit.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'si-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (id: string): ScriptRun => ({
  package: id,
  location: '',
  event: 'postinstall',
  command: '',
  exitCode: 0,
  signal: null,
  ms: 1.6,
  sandbox: 'full',
  output: 'secret output',
  limit: null,
});
const events = (n: number, action: SandboxEvent['action'] = 'denied'): SandboxEvent[] =>
  Array.from({ length: n }, () => ({
    time: '',
    package: '',
    script: '',
    class: 'dns',
    target: '',
    action,
    evidence: '',
  }));
const file = () => join(folder, 'audit/scripts.jsonl');

describe('audit log', () => {
  it('appends one line a script, without its output, for the user alone', () => {
    appendAudit(folder, run('a@1.0.0'), events(2));
    appendAudit(folder, run('b@1.0.0'), []);
    const lines = readFileSync(file(), 'utf8').trim().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ package: 'a@1.0.0', exitCode: 0, ms: 2, attempts: { dns: 2 } });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('secret output');
    expect(statSync(file()).mode & 0o077).toBe(0);
  });

  it('rotates when it is large', () => {
    appendAudit(folder, run('a@1.0.0'), []);
    truncateSync(file(), 5 * 1024 * 1024);
    appendAudit(folder, run('b@1.0.0'), []);
    expect(existsSync(`${file()}.1`)).toBe(true);
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('does not count what was allowed', () => {
    expect(countAttempts([...events(3, 'allowed'), ...events(1)])).toEqual({ dns: 1 });
  });

  it("compares with the package's own past, over its versions, by event", () => {
    expect(risingAttempts(folder, 'a@1.0.0', 'postinstall', events(9))).toBeNull();
    appendAudit(folder, run('a@1.0.0'), events(1));
    appendAudit(folder, run('ab@1.0.0'), events(9));
    expect(risingAttempts(folder, 'a@1.0.1', 'postinstall', events(1))).toBeNull();
    expect(risingAttempts(folder, 'a@1.0.1', 'postinstall', events(3))).toBe(
      '3 refused attempts; never more than 1 in 1 earlier runs',
    );
    expect(risingAttempts(folder, 'a@1.0.1', 'install', events(3))).toBeNull();
  });
});
