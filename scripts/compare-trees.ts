// Compares two installed projects path by path: `npm run compare-trees -- <left> <right>`. Exit 1 where they differ.
import { parseArgs } from 'node:util';
import { differenceLine, diffTrees } from './trees/difference.js';
import { snapshotTree } from './trees/snapshot.js';

const { positionals } = parseArgs({ allowPositionals: true });
const [left, right, ...rest] = positionals;
if (left === undefined || right === undefined || rest.length > 0) {
  console.error('usage: npm run compare-trees -- <left folder> <right folder>');
  process.exit(2);
}
const [a, b] = await Promise.all([snapshotTree(left), snapshotTree(right)]);
const differences = diffTrees(a, b);
for (const difference of differences) console.log(differenceLine(difference));
console.error(`${a.size} and ${b.size} paths, ${differences.length} differences`);
process.exitCode = differences.length === 0 ? 0 : 1;
