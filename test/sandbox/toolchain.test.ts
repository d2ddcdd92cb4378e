import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discoverToolchain, isWithin } from '../../src/sandbox/toolchain.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'si-home-')));
});
afterEach(() => rmSync(home, { recursive: true }));

function program(path: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true });
  copyFileSync('/bin/true', join(home, path));
  chmodSync(join(home, path), 0o755);
}

describe('discoverToolchain', () => {
  it('shows the prefix of a program outside of /usr', () => {
    program('.versions/python/3.11/bin/python3');
    const { readable } = discoverToolchain(`${home}/.versions/python/3.11/bin:/usr/bin`, home);
    expect(readable).toContain(join(home, '.versions/python/3.11'));
    expect(readable.some((path) => isWithin(path, '/usr'))).toBe(false);
  });

  it('shows only the program where its prefix would show HOME or a project', () => {
    program('bin/make');
    program('work/bin/git');
    const { readable } = discoverToolchain(`${home}/bin:${home}/work/bin:/usr/bin`, home, [join(home, 'work/project')]);
    expect(readable).toContain(join(home, 'bin/make'));
    expect(readable).toContain(join(home, 'work/bin/git'));
    expect(readable).not.toContain(home);
    expect(readable).not.toContain(join(home, 'work'));
  });

  it("passes over a version manager's shim, which needs the rest of HOME", () => {
    mkdirSync(join(home, 'shims'));
    writeFileSync(join(home, 'shims/python3'), '#!/bin/sh\nexec other "$@"\n', { mode: 0o755 });
    const { readable } = discoverToolchain(`${home}/shims:/usr/bin`, home);
    expect(readable.some((path) => isWithin(path, home))).toBe(false);
  });

  it('ignores programs of packages', () => {
    program('node_modules/.bin/node');
    symlinkSync(join(home, 'node_modules/.bin/node'), join(home, 'node_modules/.bin/make'));
    const { readable } = discoverToolchain(`${home}/node_modules/.bin:/usr/bin`, home);
    expect(readable.some((path) => isWithin(path, home))).toBe(false);
  });
});

describe('isWithin', () => {
  it('compares whole names', () => {
    expect(isWithin('/a/b', '/a')).toBe(true);
    expect(isWithin('/ab', '/a')).toBe(false);
    expect(isWithin('/a', '/a')).toBe(true);
    expect(isWithin('/a', '/')).toBe(true);
  });
});
