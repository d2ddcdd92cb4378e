import { describe, expect, it } from 'vitest';
import { levelOf, unavailable } from '../../src/sandbox/create.js';
import type { BubblewrapProbe } from '../../src/sandbox/index.js';

const whole: BubblewrapProbe = {
  bwrap: '/usr/bin/bwrap',
  setpriv: '/usr/bin/setpriv',
  prlimit: '/usr/bin/prlimit',
  version: '0.8.0',
  namespaces: true,
  nested: true,
  obstacles: [],
};

describe('levelOf', () => {
  it.each([
    ['full', {}],
    ['basic', { nested: false }],
    ['basic', { setpriv: null, nested: false }],
    ['basic', { prlimit: null }],
    [null, { bwrap: null, nested: false, namespaces: false }],
    [null, { nested: false, namespaces: false }],
  ])('%s with %j', (level, change) => {
    expect(levelOf({ ...whole, ...change })).toBe(level);
  });
});

describe('unavailable', () => {
  it('says that no script has run, why, and what to do; exit code 13', () => {
    const obstacles = [{ what: 'bubblewrap (bwrap) is not installed', remedy: 'Install it: apt install bubblewrap' }];
    const error = unavailable({ ...whole, bwrap: null, obstacles }, null);
    expect(error).toMatchObject({
      code: 'ESANDBOXUNAVAILABLE',
      exitCode: 13,
      next: ['Install it: apt install bubblewrap'],
    });
    expect(error.message).toContain('no install script was run: bubblewrap (bwrap) is not installed');
  });

  it('offers the policy key where the weaker step could be had', () => {
    const error = unavailable({ ...whole, nested: false, obstacles: [{ what: 'x', remedy: 'y' }] }, 'basic');
    expect(error.message).toContain('Only a basic sandbox');
    expect(error.next.join()).toContain('sandbox.require: basic');
  });
});
