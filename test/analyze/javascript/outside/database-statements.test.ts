import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const told = (code: string): (string | null)[] =>
  follow(`exports.run = async (db) => { ${code} };`).observations.flatMap(({ sink, target }) =>
    sink === 'db.account' ? [target] : [],
  );

test('accounts that any database client is told to make are seen, questions about them are not', () => {
  expect(told(`await db.query("CREATE USER 'a'@'%' IDENTIFIED BY 'b'")`)).toEqual([
    "CREATE USER 'a'@'%' IDENTIFIED BY 'b'",
  ]);
  expect(told(`await db.command({ createUser: 'a', pwd: 'b', roles: ['root'] })`)).toEqual(['createUser']);
  expect(told(`await db.query('SELECT role FROM user')`)).toEqual([]);
  expect(told(`await db.createUser({ name: 'a', pwd: 'b' })`)).toEqual([]);
});
