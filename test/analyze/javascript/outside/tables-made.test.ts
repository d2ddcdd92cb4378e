import { expect, test } from 'vitest';
import { tableMade } from '../../../../src/analyze/javascript/outside/tables-made.js';

test.each([
  ['DROP TABLE IF EXISTS notes_vec', 'CREATE VIRTUAL TABLE IF NOT EXISTS notes_vec USING vec0(id)', 'derived'],
  ['DROP TABLE chunks', "const T = 'chunks'; db.exec(`CREATE VIRTUAL TABLE ${T} USING fts5(t)`)", 'derived'],
  ['DELETE FROM page_cache', 'create table if not exists "page_cache" (id int)', 'derived'],
  ['DROP TABLE IF EXISTS orders', 'CREATE TABLE orders (id int)', 'made'],
  ['DROP TABLE IF EXISTS orders', 'CREATE TABLE orders_old (id int)', null],
  ['DROP TABLE IF EXISTS orders', "const T = 'orders'; db.exec('SELECT * FROM ' + T)", null],
  ['DROP DATABASE shop', 'CREATE TABLE shop (id int)', null],
])('%s beside %s', (statement, text, expected) => {
  expect(tableMade(statement, text)).toBe(expected);
});
