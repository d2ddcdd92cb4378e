import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const START =
  "const fs = require('fs'); const path = require('path'); const { execSync, execFileSync, spawnSync, exec } = require('child_process');";

const written = (code: string): (string | null)[] =>
  follow(`${START} ${code}`)
    .observations.filter(({ sink }) => sink === 'fs.write')
    .map(({ target }) => target);

describe('folders that git names', () => {
  it.each([
    ['hooks', "path.join(execSync('git rev-parse --git-path hooks').toString().trim(), 'pre-push')"],
    ['of a root', "path.resolve(root, execFileSync('git', ['rev-parse', '--git-path', 'hooks']) + '', 'pre-push')"],
    ['set by hand', "execSync('git config core.hooksPath', { encoding: 'utf8' }).trim() + '/pre-push'"],
    ['its own', "path.join(spawnSync('git', ['rev-parse', '--git-dir']).stdout.trim(), 'hooks', 'pre-push')"],
    ['shared', "`${execSync('git rev-parse --git-common-dir').toString().split('\\n')[0]}/hooks/pre-push`"],
  ])('hold its hooks: %s', (_, file) => {
    expect(written(`exports.x = (root) => fs.writeFileSync(${file}, 'x')`)).toEqual(['$PROJECT/.git/hooks/pre-push']);
  });

  it('are known where the answer comes later', () => {
    const code =
      "exec('git rev-parse --git-path hooks', (e, out) => fs.copyFileSync('a', path.join(out.trim(), 'post-merge')))";
    expect(written(code)).toContain('$PROJECT/.git/hooks/post-merge');
  });

  it('hold no other files of a project', () => {
    const beside = "path.join(path.dirname(execSync('git rev-parse --git-dir').toString()), 'package.json')";
    const top = "path.join(execSync('git rev-parse --show-toplevel').toString(), 'pre-push')";
    const log = "path.join(execSync('git rev-parse --git-path hooks').toString(), 'README.md')";
    for (const file of [beside, top, log])
      expect(written(`fs.writeFileSync(${file}, 'x')`).join()).not.toContain('.git');
  });
});
