import { expect, it } from 'vitest';
import { pythonImports } from '../../../src/analyze/tokens/index.js';

it('finds files of the package that a Python file imports, and no installed modules', () => {
  const held = new Set(['py/warm.py', 'py/net/__init__.py', 'py/net/send.py', 'os.py']);
  const text = 'import os, warm as w\nfrom .net import send\n  from net.send import go\nimport json\n';
  expect(pythonImports(text, 'py', (path) => held.has(path))).toEqual([
    'py/warm.py',
    'py/net/__init__.py',
    'py/net/send.py',
  ]);
});
