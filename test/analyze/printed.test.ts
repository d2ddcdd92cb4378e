import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/analyze/index.js';
import type { Taint } from '../../src/analyze/observation.js';
import { followPrinted } from '../../src/analyze/printed.js';

const taint = (source: string, detail: string, line = 1): Taint => ({
  source,
  detail,
  file: 'parent.js',
  line,
  through: [],
  steps: [],
});

function seen(sink: string, taints: Taint[], more: Partial<Observation> = {}): Observation {
  return {
    sink,
    api: sink,
    target: null,
    language: 'javascript',
    args: [],
    taints,
    guards: [],
    entry: { phase: 'install', file: 'parent.js', via: 'scripts.postinstall' },
    unasked: true,
    resolved: true,
    file: 'parent.js',
    line: 9,
    column: 0,
    steps: [],
    ...more,
  };
}

const child = {
  phase: 'install' as const,
  file: 'probe.js',
  via: 'scripts.postinstall',
  startedAt: 'parent.js:3 node probe.js ',
};

describe('followPrinted', () => {
  it('gives the parent what its child prints, and no other parent', () => {
    const own = seen('code.eval', [taint('process.output', 'node probe.js', 3)]);
    const other = seen('code.eval', [taint('process.output', 'node other.js', 7)]);
    const printed = seen('console.out', [taint('net.response', 'https://c.example/')], { entry: child });
    followPrinted([own, other, printed]);
    expect(own.taints.map(({ source }) => source)).toEqual(['process.output', 'net.response']);
    expect(other.taints.map(({ source }) => source)).toEqual(['process.output']);
  });

  it('tells commands of one wrapper apart', () => {
    const asked = seen('process.spawn', [taint('process.output', 'git describe', 3)]);
    const printed = seen('console.out', [taint('net.response', 'https://c.example/')], { entry: child });
    followPrinted([asked, printed]);
    expect(asked.taints).toHaveLength(1);
  });

  it('takes it over several generations, and ends', () => {
    const top = seen('process.spawn', [taint('process.output', 'node probe.js', 3)]);
    const middle = seen('console.out', [taint('process.output', 'node b.js', 5)], { entry: child });
    const bottom = seen('console.out', [taint('secret.file', '~/.npmrc')], {
      entry: { ...child, startedAt: 'parent.js:5 node b.js' },
    });
    followPrinted([top, middle, bottom]);
    expect(top.taints.map(({ source }) => source)).toContain('secret.file');
  });

  it('takes a child of another language that asks a host to print the answer', () => {
    const run = seen('code.eval', [taint('process.output', 'python3 probe.py', 3)]);
    const asked = seen('net.out', [], {
      language: 'python',
      target: 'https://c.example/x',
      entry: { ...child, startedAt: 'parent.js:3 python3 probe.py' },
    });
    followPrinted([run, asked]);
    expect(run.taints.at(-1)).toMatchObject({ source: 'net.response', detail: 'https://c.example/x' });
  });
});
