import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/analyze/manifest/index.js';
import { folderOwner } from '../../../src/analyze/rules/folder-owner.js';

const manifest = {
  name: '@acme/hooks',
  raw: {
    dependencies: { ink: '^6' },
    peerDependencies: { '@acme/compiler': '*' },
    optionalDependencies: { native: '1' },
  },
} as unknown as Manifest;

test.each([
  ['$PROJECT/node_modules/@acme/hooks/made.json', 'own'],
  ['../../node_modules/ink/build/ink.js', 'dependency'],
  ['$INIT_CWD/node_modules/@acme/compiler/lib/tsc.js', 'dependency'],
  ['node_modules/native/index.node', 'dependency'],
  ['$PROJECT/node_modules/ink/node_modules/ethers/lib/index.js', null],
  ['$PROJECT/node_modules/@acme/other/index.js', null],
  ['$PROJECT/node_modules/.bin/ink', null],
  ['$PROJECT/src/index.js', null],
  ['$PROJECT/node_modules/ink', null],
])('%s is in the folder of %s', (path, owner) => {
  expect(folderOwner(path, manifest)).toBe(owner);
});
