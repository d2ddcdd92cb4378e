import { describe, expect, it } from 'vitest';
import { follow } from './sample.js';

const REQUEST = "fetch('https://a.example/list');";
const CHILD = "require('child_process').spawnSync('tool', [], { env: { ...process.env, TOOL: '1' } });";

const isTold = (code: string) => follow(code).facts.some(({ id }) => id === 'touched.env.all');

describe('the environment beside a request', () => {
  it('is told where it was read as a whole', () => {
    expect(isTold(`globalThis.kept = { ...process.env }; ${REQUEST}`)).toBe(true);
  });

  it('is not told where it becomes that of a child', () => {
    expect(isTold(`${CHILD} ${REQUEST}`)).toBe(false);
    expect(
      isTold(`const env = Object.assign({}, process.env); ${CHILD.replace('{ ...process.env', '{ ...env')} ${REQUEST}`),
    ).toBe(false);
  });

  it('is told where it is read another time', () => {
    expect(isTold(`${CHILD} globalThis.kept = { ...process.env }; ${REQUEST}`)).toBe(true);
  });
});
