import { describe, expect, it } from 'vitest';
import { followScripts } from '../sample.js';

const deeds = (test: string, args?: readonly string[]) =>
  followScripts({ 'index.js': `if (${test}) require('fs').unlinkSync('/srv/data');` }, ['index.js'], args).filter(
    ({ sink }) => sink === 'fs.delete',
  ).length;

describe('what a script gives the program that it starts', () => {
  it.each([
    ["process.argv[2] === 'clean'", ['clean']],
    ["process.argv.slice(2).includes('clean')", ['-q', 'clean']],
    ["process.argv.indexOf('clean') > 1", ['clean']],
    ['process.argv.length > 2', ['x']],
    ['!process.argv[2]', []],
    ['process.argv.length < 3', []],
    ["require('path').basename(process.argv[1]) === 'index.js'", []],
  ])('%s holds with %j', (test, args) => {
    expect(deeds(test, args)).toBe(1);
    expect(deeds(test)).toBe(1);
  });

  it.each([
    ["process.argv[2] === 'clean'", []],
    ["process.argv.slice(2)[0] === 'clean'", []],
    ["process.argv.slice(2).includes('clean')", ['-q']],
    ['process.argv.length > 2', []],
    ['process.argv[3]', ['clean']],
  ])('%s does not hold with %j', (test, args) => {
    expect(deeds(test, args)).toBe(0);
    expect(deeds(test)).toBe(1);
  });
});
