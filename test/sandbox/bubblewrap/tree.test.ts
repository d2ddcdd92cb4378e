import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placeMounts } from '../../../src/sandbox/bubblewrap/tree.js';

test('a place that is to be hidden and has gone since is passed over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'safe-install-tree-'));
  const gone = join(folder, 'gone.sock');
  try {
    expect(
      placeMounts([
        { path: gone, access: 'hidden' },
        { path: folder, access: 'hidden' },
        { path: gone, access: 'write' },
      ]),
    ).toEqual([
      { kind: 'hidden', target: folder, folder: true },
      { kind: 'rw', source: gone, target: gone },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
