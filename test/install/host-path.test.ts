import { expect, test } from 'vitest';
import { withHostPath, withoutBinFolders } from '../../src/install/host-path.js';

test('folders of bins and relative folders are no place to take our tools from', () => {
  const path = '/p/node_modules/.bin:/usr/bin:.:/q/packages/a/node_modules/.bin/::/bin';
  expect(withoutBinFolders(path)).toBe('/usr/bin:/bin');
  expect(withoutBinFolders(undefined)).toBe('');
});

test('PATH comes back, also after a failure', async () => {
  const before = process.env['PATH'];
  process.env['PATH'] = `/p/node_modules/.bin:${before}`;
  try {
    await expect(
      withHostPath(async () => {
        expect(process.env['PATH']).not.toContain('.bin');
        throw new Error('x');
      }),
    ).rejects.toThrow('x');
    expect(process.env['PATH']).toBe(`/p/node_modules/.bin:${before}`);
  } finally {
    process.env['PATH'] = before;
  }
});
