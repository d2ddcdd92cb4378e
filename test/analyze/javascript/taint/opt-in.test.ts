import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const READ = `const fs = require('fs'); const path = require('path');
const root = process.env.INIT_CWD || process.cwd();
const pkg = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const deed = () => fs.writeFileSync(path.join(root, 'AGENTS.md'), 'text');
`;

function guarded(text: string): boolean {
  const writes = follow(READ + text, 'install').observations.filter(({ sink }) => sink === 'fs.write');
  expect(writes).not.toEqual([]);
  return writes.every(({ guards }) => guards.some(({ kind }) => kind === 'opt-in'));
}

describe('a setting of the project that guards a deed', () => {
  test.each([
    ['a field', 'if (pkg.mine) deed();'],
    ['a field of a field', 'if (pkg.mine && pkg.mine.hints) deed();'],
    ['an early return', '(() => { if (!pkg.mine) return; deed(); })();'],
    ['a comparison', "if (pkg.mine === 'on') deed();"],
    ['a choice of two settings', 'if (pkg.mine || pkg.ours) deed();'],
    ['defaults that say no', 'const s = { a: false, ...pkg.mine }; if (s.a) deed();'],
    ['destructuring', 'const { mine } = pkg; if (!mine) process.exit(0); else deed();'],
  ])('%s is an opt-in', (_name, text) => {
    expect(guarded(text)).toBe(true);
  });

  test.each([
    ['nothing', 'deed();'],
    ['what every project has', 'if (pkg.name) deed();'],
    ['what is below that', 'if (pkg.dependencies.react) deed();'],
    ['the absence of a setting', 'if (!pkg.mine) deed();'],
    ['an early return without it', '(() => { if (pkg.mine) return; deed(); })();'],
    ['a comparison that nearly all pass', "if (pkg.mine !== 'on') deed();"],
    ['being undefined', 'if (pkg.mine === undefined) deed();'],
    ['the type of nothing', "if (typeof pkg.mine === 'undefined') deed();"],
    ['an alternative that is there always', 'if (pkg.mine || pkg.version) deed();'],
    ['an alternative of another kind', 'if (pkg.mine || Date.now() > 1) deed();'],
    [
      'a result that is true as well',
      'const f = () => { if (Date.now() > 1) return true; return pkg.mine; }; if (f()) deed();',
    ],
  ])('%s is none', (_name, text) => {
    expect(guarded(text)).toBe(false);
  });
});
