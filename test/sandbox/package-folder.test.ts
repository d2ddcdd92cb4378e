import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanFolder, prepareFolder } from '../../src/sandbox/package-folder.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'si-folder-'));
  folder = join(root, 'pkg');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"a","bin":"cli.js"}');
  writeFileSync(join(root, 'outside'), 'outside');
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (name: string) => join(folder, name);
const undone = (allowed: string[] = []) => {
  const before = prepareFolder(folder);
  return {
    before,
    clean: () =>
      cleanFolder(before, allowed).undone.map(({ path, evidence }) => `${path.slice(folder.length + 1)}: ${evidence}`),
  };
};

describe('prepareFolder', () => {
  it('breaks hard links, keeping content, mode and times', () => {
    writeFileSync(join(root, 'store'), 'shared', { mode: 0o755 });
    linkSync(join(root, 'store'), at('file'));
    const { mtimeMs } = statSync(at('file'));
    prepareFolder(folder);
    writeFileSync(at('file'), 'changed');
    expect(readFileSync(join(root, 'store'), 'utf8')).toBe('shared');
    expect(statSync(at('file')).mode & 0o777).toBe(0o755);
    expect(Math.abs(statSync(join(root, 'store')).mtimeMs - mtimeMs)).toBeLessThan(5);
    expect(statSync(at('file')).nlink).toBe(1);
  });
});

describe('cleanFolder', () => {
  it('leaves alone what stays inside', () => {
    const { clean } = undone();
    mkdirSync(at('build'));
    writeFileSync(at('build/a.node'), 'x', { mode: 0o755 });
    symlinkSync('a.node', at('build/b.node'));
    symlinkSync(at('build'), at('absolute'));
    expect(clean()).toEqual([]);
    expect(readFileSync(at('build/b.node'), 'utf8')).toBe('x');
  });

  it.each([
    ['absolute', () => join(root, 'outside')],
    ['relative', () => '../outside'],
    ['to nothing yet', () => join(root, 'not-there')],
    ['through a folder link', () => 'dir/../../outside'],
  ])('removes a link that leads out: %s', (_, target) => {
    const { clean } = undone();
    mkdirSync(at('dir'));
    symlinkSync(target(), at('link'));
    expect(clean()).toEqual([`link: link that leads out of the package, to ${target()}`]);
    expect(lstatSync(at('link'), { throwIfNoEntry: false })).toBeUndefined();
    expect(readFileSync(join(root, 'outside'), 'utf8')).toBe('outside');
  });

  it('lets links lead to what the script could read anyway, and keeps those that were there', () => {
    symlinkSync('../outside', at('old'));
    const { clean } = undone(['/usr']);
    symlinkSync('/usr/bin/env', at('env'));
    expect(clean()).toEqual([]);
  });

  it('takes a link back that was pointed elsewhere', () => {
    symlinkSync('package.json', at('old'));
    const { clean } = undone();
    rmSync(at('old'));
    symlinkSync('../outside', at('old'));
    expect(clean()).toHaveLength(1);
  });

  it('strips set-id bits and removes pipes', () => {
    const { clean } = undone();
    writeFileSync(at('tool'), 'x');
    chmodSync(at('tool'), 0o6755);
    execFileSync('mkfifo', [at('pipe')]);
    expect(clean().sort()).toEqual(['pipe: named pipe', 'tool: set-id bit (mode 6755)']);
    expect(statSync(at('tool')).mode & 0o7777).toBe(0o755);
    expect(existsSync(at('pipe'))).toBe(false);
  });

  it('removes new commands that shadow the system, and only those', () => {
    mkdirSync(at('node_modules/.bin'), { recursive: true });
    writeFileSync(at('node_modules/.bin/git'), 'was there');
    const { clean } = undone();
    writeFileSync(at('node_modules/.bin/node'), 'x');
    writeFileSync(at('node_modules/.bin/harmless'), 'x');
    expect(clean()).toEqual(['node_modules/.bin/node: new command that would run in place of node']);
    expect(existsSync(at('node_modules/.bin/harmless'))).toBe(true);
    expect(existsSync(at('node_modules/.bin/git'))).toBe(true);
  });

  it.each(['{"name":"a","bin":{"node":"x"}}', '{"name":"a","bin":"cli.js","scripts":{"install":"x"}}', 'broken'])(
    'gives the manifest back when its commands changed: %s',
    (text) => {
      const { clean } = undone();
      writeFileSync(at('package.json'), text);
      expect(clean()).toEqual(['package.json: the script changed bin or scripts of its own manifest']);
      expect(readFileSync(at('package.json'), 'utf8')).toBe('{"name":"a","bin":"cli.js"}');
    },
  );

  it('lets other changes of the manifest stand', () => {
    const { clean } = undone();
    writeFileSync(at('package.json'), '{"name":"a","bin":"cli.js","built":true}');
    expect(clean()).toEqual([]);
  });
});

it('looks into folders that a script closed', () => {
  const place = mkdtempSync(join(tmpdir(), 'si-closed-'));
  if (process.getuid?.() === 0) chownSync(place, 54_321, 54_321);
  const here = import.meta.dirname;
  const tsx = join(here, '../../node_modules/tsx/dist/esm/index.mjs');
  const said = execFileSync(process.execPath, ['--import', tsx, join(here, 'closed-folder-main.ts'), place], {
    cwd: '/',
  });
  rmSync(place, { recursive: true });
  expect(JSON.parse(said.toString())).toEqual(['closed/out', 'listed/out']);
});
