import { describe, expect, test } from 'vitest';
import { dilution } from '../../../src/analyze/rules/distance.js';
import type { Match } from '../../../src/analyze/rules/match.js';
import type { Rule } from '../../../src/analyze/rules/schema.js';
import type { SliceStep } from '../../../src/model.js';

const LARGE = { files: 61, bytes: 1 };
const flow = { flow: { from: ['secret'], to: ['net'] } };
const rule = (when: unknown) => ({ when }) as Rule;
const step = (file: string, line: number, note = '', role: SliceStep['role'] = 'step'): SliceStep => ({
  role,
  file,
  line,
  column: 0,
  note,
});
const match = (steps: SliceStep[], more: Partial<Match> = {}): Match =>
  ({ phase: 'import', file: 'b.js', steps, seen: { sink: 'net.out' }, ...more }) as Match;

describe('dilution', () => {
  const here = match([step('b.js', 1), step('b.js', 9, 'sink', 'sink')]);
  const winding = match([step('a.js', 1), step('a.js', 2, 'passed to f'), step('b.js', 9), step('c.js', 3)]);

  test('a small program and a flow in one place are not diluted', () => {
    expect(dilution(rule(flow), winding, [winding], { files: 59, bytes: 399_999 })).toBeNull();
    expect(dilution(rule(flow), here, [here], LARGE)).toBeNull();
    expect(dilution(rule(flow), here, [here], { files: 1, bytes: 400_000 })).toBeNull();
  });

  test('the longer the way through a large program, the less it says; where an install runs it never less than half', () => {
    const one = match([step('a.js', 1), step('b.js', 1), step('x.js', 1, '', 'guard')]);
    expect(dilution(rule(flow), one, [one], LARGE)?.factor).toBe(0.6);
    expect(dilution(rule(flow), winding, [winding], LARGE)?.factor).toBe(0.5);
    const farther = match([...winding.steps, step('c.js', 4, 'passed to g')]);
    expect(dilution(rule(flow), farther, [farther], LARGE)?.factor).toBe(0.35);
    const installed: Match = { ...farther, phase: 'install' };
    expect(dilution(rule(flow), { ...installed, unasked: true }, [installed], LARGE)?.factor).toBe(0.5);
    expect(dilution(rule(flow), { ...installed, unasked: false }, [installed], LARGE)?.factor).toBe(0.35);
  });

  test('a leap inside of a bundle is a way, decoded code is not', () => {
    const leap = match([step('b.js', 1), step('b.js', 200)]);
    expect(dilution(rule(flow), leap, [leap], LARGE)?.factor).toBe(0.5);
    const decoded = match([step('b.js', 1), step('b.js!2', 3)]);
    expect(dilution(rule(flow), decoded, [decoded], LARGE)).toBeNull();
  });

  test('a conjunction counts in full where its parts share a file', () => {
    const both = rule({ all: [{ call: { to: ['net'] } }, { call: { to: ['monkeypatch'] } }] });
    const patch = (file: string) => match([], { file, seen: { sink: 'monkeypatch' } as Match['seen'] });
    const call = match([]);
    expect(dilution(both, call, [call, patch('b.js')], LARGE)).toBeNull();
    expect(dilution(both, call, [call, patch('z.js')], LARGE)?.factor).toBe(0.35);
    expect(dilution(rule(flow), call, [call, patch('z.js')], LARGE)).toBeNull();
  });

  test('what a user starts may wind, unless it is tiny', () => {
    const way = match([step('a.js', 1), ...[1, 2, 3].map((n) => step('b.js', n, 'passed to f'))], { phase: 'bin' });
    expect(dilution(rule(flow), way, [way], { files: 2, bytes: 10 })).toBeNull();
    expect(dilution(rule(flow), way, [way], { files: 13, bytes: 10 })?.factor).toBe(0.4);
  });
});
