import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { follow } from './sample.js';

/** What stands in a file of samples, one a line. */
const samples = (name: string): string[] =>
  readFileSync(new URL(`./samples/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** Whether a command is seen to run that a sample starts by itself. */
const runs = (code: string): boolean =>
  follow({ 'index.js': code, 'w.js': '', 'x.js': '' }).observations.some(
    ({ sink, target, unasked }) => sink === 'process.spawn' && target === 'hit' && unasked,
  );

/** Modules that samples use under their own names, and those under other ones. */
const SAME_NAME = (
  'fs os path crypto url dns net tls dgram util zlib querystring v8 vm http https http2 stream readline events ' +
  'cluster axios got request needle superagent undici execa glob rimraf lodash chokidar express fastify ws mqtt yargs'
).split(' ');
const OTHERS: Record<string, string> = {
  cp: 'child_process',
  worker: 'worker_threads',
  diagnostics: 'diagnostics_channel',
  timers: 'timers/promises',
  timersp: 'timers/promises',
  perf: 'perf_hooks',
  shell: 'shelljs',
  _: 'underscore',
  cron: 'node-cron',
  Koa: 'koa',
  io: 'socket.io-client',
  Redis: 'ioredis',
  inquirer: 'inquirer',
  prompts: 'prompts',
  mongoose: 'mongoose',
  Module: 'module',
};
const names = { ...Object.fromEntries(SAME_NAME.map((name) => [name, name])), ...OTHERS };

/** A sample around a statement: what it uses is required, `d` is what a host answered. */
const around = (statement: string): string => {
  const used = Object.entries(names).filter(([name]) => new RegExp(`(?:^|[^\\w.$'])${name}\\b`).test(statement));
  return `${used.map(([name, from]) => `const ${name} = require('${from}');`).join('\n')}
const EventEmitter = require('events');
const { AsyncLocalStorage } = require('async_hooks');
const { createRequire } = require('module');
const { program } = require('commander');
const { from, of, timer, map } = require('rxjs');
const { CronJob } = require('cron');
${/\bapp\./.test(statement) ? "const app = require('express')();" : ''}
async function go() {
  const r = await fetch('https://feed.example/x');
  const d = await r.json();
  ${statement}
}
go();`;
};

describe('what is not known decides nothing', () => {
  test.each(samples('open-conditions'))('%s', (condition) => {
    expect(runs(around(`if (${condition}) cp.exec('hit');`))).toBe(true);
    expect(runs(around(`if (!(${condition})) throw new Error('no'); cp.exec('hit');`))).toBe(true);
  });
});

describe('what is handed over or thrown runs', () => {
  test.each(samples('ways-to-run'))('%s', (way) => {
    expect(
      runs(around(way.replaceAll('HITS', 'require("child_process").exec("hit")').replaceAll('HIT', "cp.exec('hit')"))),
    ).toBe(true);
  });
});

test('a class that stands as a method on a prototype does not end the reading', () => {
  const result = follow(`
    const cp = require('child_process');
    class Inner { go() {} }
    class Outer { run() { cp.exec('hit'); } }
    Outer.prototype.Inner = Inner;
    module.exports = Outer;`);
  expect(result.observations.map(({ target }) => target)).toContain('hit');
});
