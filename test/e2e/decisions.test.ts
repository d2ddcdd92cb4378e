import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PendingReview } from '../../src/install/index.js';
import { judged, plain, talker } from './made.js';
import { markerScanner } from './marker-scanner.js';
import { makeProject, type TestProject } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

const rooms = { createScanner: markerScanner };
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
let registry: TestRegistry;
const projects: TestProject[] = [];

async function project(
  dependencies: Record<string, string>,
  more: Record<string, unknown> = {},
  files: Record<string, unknown> = {},
): Promise<TestProject> {
  const made = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies, ...more },
    ...files,
  });
  projects.push(made);
  return made;
}

const ran = (report: { scripts: { package: string }[] }): string[] => report.scripts.map((script) => script.package);

beforeAll(async () => {
  registry = await startRegistry();
  const odd = judged('odd-script', '1.0.0', 'review', { scripts: { install: 'node talk.js install' } });
  for (const made of [
    talker('leaf', '1.0.1', ['postinstall']),
    talker('mid', '1.0.0', ['postinstall'], { dependencies: { leaf: '1.0.1' } }),
    judged('odd', '1.0.0', 'review'),
    { ...odd, files: { ...odd.files, ...talker('x', '1.0.0', []).files, 'note.txt': 'verdict: review\n' } },
    judged('evil', '1.0.0', 'block'),
    plain('wants-evil', '1.0.0', { optionalDependencies: { evil: '1.0.0' } }),
  ]) {
    await registry.publish(made);
  }
});
afterEach(async () => {
  for (const made of projects.splice(0)) {
    await made.remove();
  }
});
afterAll(() => registry.stop());

describe('allowScripts is read as npm reads it', () => {
  test.each<[string, Record<string, unknown> | undefined, string[]]>([
    ['no policy: unreviewed scripts run, confined', undefined, ['leaf@1.0.1', 'mid@1.0.0']],
    ['a denial by name', { leaf: false }, ['mid@1.0.0']],
    ['a denial wins over an approval', { leaf: true, 'leaf@1.0.1': false }, ['mid@1.0.0']],
    ['a wrong pin approves nothing, and denies nothing', { 'leaf@1.0.0': true }, ['leaf@1.0.1', 'mid@1.0.0']],
    ['joined versions', { 'leaf@1.0.0 || 1.0.1': false }, ['mid@1.0.0']],
    ['a range is no key', { 'leaf@^1.0.0': false }, ['leaf@1.0.1', 'mid@1.0.0']],
    ['only true and false count', { leaf: 'no' }, ['leaf@1.0.1', 'mid@1.0.0']],
  ])('%s', async (_name, allowScripts, expected) => {
    const made = await project({ mid: '1.0.0' }, allowScripts === undefined ? {} : { allowScripts });
    const report = await made.run('install', [], { rooms });
    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(ran(report)).toEqual(expected);
  });

  test('approved-only runs what is approved by an exact pin', async () => {
    const made = await project({ mid: '1.0.0' }, { allowScripts: { 'leaf@1.0.1': true } });
    const report = await made.run('install', [], { rooms, policy: { scripts: 'approved-only' } });
    expect(ran(report)).toEqual(['leaf@1.0.1']);
    const mid = report.packages.find(({ name }) => name === 'mid');
    expect(mid?.decision).toMatchObject({ action: 'allow', runScripts: false, approval: 'unreviewed' });
  });

  test('package.json wins whole over .npmrc, and --allow-scripts is refused in a project', async () => {
    const made = await project({ mid: '1.0.0' }, { allowScripts: { leaf: true } }, { '.npmrc': 'allow-scripts=mid\n' });
    const report = await made.run('install', [], { rooms, policy: { scripts: 'approved-only' } });
    expect(ran(report)).toEqual(['leaf@1.0.1']);
    expect(report.warnings.join()).toContain('.npmrc');
    const refused = await made.run('install', [], { rooms, argv: ['--allow-scripts=mid'] });
    expect(refused).toMatchObject({ exitCode: 1, error: { code: 'EALLOWSCRIPTS' } });
  });

  test('strict-allow-scripts ends with 1 before anything is written', async () => {
    const made = await project({ mid: '1.0.0' }, { allowScripts: { leaf: true } });
    const before = await made.tree();
    const report = await made.run('install', [], { rooms, argv: ['--strict-allow-scripts'] });
    expect(report).toMatchObject({ exitCode: 1, error: { code: 'ESTRICTALLOWSCRIPTS' }, scripts: [] });
    expect(report.error?.message).toContain('mid@1.0.0');
    expect(report.error?.message).not.toContain('leaf@');
    expect(await made.tree()).toEqual(before);
  });
});

describe('review and block', () => {
  test('a review is asked about where somebody can answer', async () => {
    const made = await project({ odd: '1.0.0', 'odd-script': '1.0.0' });
    const asked: PendingReview[][] = [];
    const report = await made.run('install', [], {
      rooms,
      ask: async (pending) => {
        asked.push(pending);
        return pending.map(({ node }) => (node.name === 'odd' ? 'approve' : 'without-scripts'));
      },
    });
    expect(asked[0]?.map(({ node }) => node.name)).toEqual(['odd', 'odd-script']);
    expect(asked[0]?.[1]).toMatchObject({ scripts: [{ event: 'install', command: 'node talk.js install' }] });
    expect(asked[0]?.[1]?.grant.limits.wallMs).toBeGreaterThan(0);
    expect(report).toMatchObject({ exitCode: 0, scripts: [] });
    expect(existsSync(join(made.path, 'node_modules/odd-script/package.json'))).toBe(true);
  });

  test('an approved review runs its script; stopping writes nothing', async () => {
    const made = await project({ 'odd-script': '1.0.0' });
    const before = await made.tree();
    const stopped = await made.run('install', [], { rooms, ask: async () => ['stop'] });
    expect(stopped.exitCode).toBe(11);
    expect(await made.tree()).toEqual(before);
    const approved = await made.run('install', [], { rooms, ask: async () => ['approve'] });
    expect(ran(approved)).toEqual(['odd-script@1.0.0']);
  });

  test('a recorded approval of these bytes and scripts answers; of other bytes it does not', async () => {
    const made = await project({ 'odd-script': '1.0.0' });
    let question: PendingReview | undefined;
    await made.run('install', [], {
      rooms,
      ask: async ([first]) => {
        question = first;
        return ['stop'];
      },
    });
    const approval = {
      package: 'odd-script@1.0.0',
      integrity: question?.node.integrity ?? '',
      scriptHash: question?.scriptHash ?? '',
      grant: null,
      reason: 'read it',
    };
    const other = { ...approval, integrity: `sha512-${'A'.repeat(86)}==` };
    expect((await made.run('install', [], { rooms, approvals: [other] })).exitCode).toBe(11);
    expect((await made.run('install', [], { rooms, approvals: [{ ...approval, scriptHash: 'x' }] })).exitCode).toBe(11);
    const report = await made.run('install', [], { rooms, approvals: [approval] });
    expect(report.exitCode).toBe(0);
    expect(ran(report)).toEqual(['odd-script@1.0.0']);
  });

  test('onReview: fail asks nobody', async () => {
    const made = await project({ odd: '1.0.0' });
    const report = await made.run('install', [], {
      rooms,
      policy: { onReview: 'fail' },
      ask: async () => {
        throw new Error('asked');
      },
    });
    expect(report.exitCode).toBe(11);
  });

  test('an approval, --ignore-scripts and an optional dependency do not get a blocked package in', async () => {
    const made = await project({ 'wants-evil': '1.0.0' }, { allowScripts: { evil: true } });
    for (const argv of [[], ['--ignore-scripts'], ['--dangerously-allow-all-scripts']]) {
      const report = await made.run('install', [], { rooms, argv });
      expect(report.exitCode).toBe(10);
      expect(report.error?.message).toContain('evil@1.0.0');
    }
    expect(existsSync(join(made.path, 'node_modules'))).toBe(false);
    expect((await made.run('install', [], { rooms, argv: ['--omit', 'optional'] })).exitCode).toBe(0);
  });

  test('a package that is installed already and would be blocked now ends with 10', async () => {
    const made = await project({ leaf: '1.0.1' });
    await made.run('install', [], { rooms });
    const strict = {
      createScanner: async () => ({
        scan: async () => ({
          action: 'block' as const,
          score: 99,
          findings: [],
          capabilities: [],
          stats: { files: 1, bytes: 1, parsed: 0, ms: 0, fromCache: false },
        }),
        close: async () => undefined,
      }),
    };
    expect((await made.run('install', [], { rooms: strict })).exitCode).toBe(10);
  });

  test('an exception takes its findings out of the verdict', async () => {
    const weighed = {
      createScanner: async () => ({
        scan: async () => ({
          action: 'block' as const,
          score: 80,
          findings: [
            {
              rule: 'odd-rule',
              severity: 'high' as const,
              phase: 'install' as const,
              file: 'a.js',
              line: 1,
              message: 'm',
              slice: null,
              weight: 80,
              family: 'made',
              unasked: true,
              floor: null,
              guards: [],
            },
          ],
          capabilities: [],
          stats: { files: 1, bytes: 1, parsed: 1, ms: 0, fromCache: false },
        }),
        close: async () => undefined,
      }),
    };
    const exceptions = [{ package: 'leaf@1.0.1', rules: ['odd-rule'], reason: 'known', expires: null }];
    const made = await project({ leaf: '1.0.1' });
    expect((await made.run('install', [], { rooms: weighed })).exitCode).toBe(10);
    const report = await made.run('install', [], { rooms: weighed, policy: { exceptions } });
    expect(report.exitCode).toBe(0);
    const other = [{ ...exceptions[0]!, rules: ['another-rule'] }];
    expect((await made.run('install', [], { rooms: weighed, policy: { exceptions: other } })).exitCode).toBe(10);
  });
});

describe('with the real analyzer', () => {
  test('a planted package is blocked with its slice, a benign one with a script is built', async () => {
    await registry.publishFolder(join(fixtures, 'malicious/identity-beacon-post/package'));
    const { name } = (await import(join(fixtures, 'malicious/identity-beacon-post/package/package.json'), {
      with: { type: 'json' },
    })) as unknown as { name: string };
    const made = await project({ leaf: '1.0.1' });
    const good = await made.run('install');
    expect(good).toMatchObject({ exitCode: 0, error: null });
    expect(ran(good)).toEqual(['leaf@1.0.1']);
    const before = await made.tree();
    const bad = await made.run('install', [name]);
    expect(bad.exitCode).toBe(10);
    const findings = bad.packages.find((one) => one.name === name)?.findings ?? [];
    expect(findings.some(({ slice, phase }) => phase === 'install' && (slice?.frame.length ?? 0) > 0)).toBe(true);
    expect(await made.tree()).toEqual(before);
  });
});
