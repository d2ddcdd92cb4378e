import { expect, test } from 'vitest';
import { type Case, decide } from '../../src/decide/index.js';

const base: Case = {
  verdict: { action: 'allow', score: 0 },
  hasScripts: true,
  approval: 'unreviewed',
  reviewed: false,
  scripts: 'run',
};

/** action, runs its scripts, must be asked about */
type Row = [string, Partial<Case>, ['allow' | 'review' | 'block', boolean, boolean]];

const allow = { action: 'allow', score: 0 } as const;
const review = { action: 'review', score: 40 } as const;
const block = { action: 'block', score: 90 } as const;

const rows: Row[] = [
  ['allow × approved', { verdict: allow, approval: 'approved' }, ['allow', true, false]],
  ['allow × unreviewed', { verdict: allow }, ['allow', true, false]],
  ['allow × unreviewed, approved-only', { verdict: allow, scripts: 'approved-only' }, ['allow', false, false]],
  ['allow × approved, approved-only', { approval: 'approved', scripts: 'approved-only' }, ['allow', true, false]],
  ['allow × denied', { verdict: allow, approval: 'denied' }, ['allow', false, false]],
  ['allow × no script', { verdict: allow, hasScripts: false }, ['allow', false, false]],
  [
    'review × approved by pin and hash',
    { verdict: review, approval: 'approved', reviewed: true },
    ['allow', true, false],
  ],
  ['review × approved by npm only', { verdict: review, approval: 'approved' }, ['review', false, true]],
  ['review × unreviewed', { verdict: review }, ['review', false, true]],
  ['review × denied', { verdict: review, approval: 'denied' }, ['allow', false, false]],
  ['review × reviewed, then denied', { verdict: review, approval: 'denied', reviewed: true }, ['allow', false, false]],
  ['review × no script', { verdict: review, hasScripts: false }, ['review', false, true]],
  ['review × no script, reviewed', { verdict: review, hasScripts: false, reviewed: true }, ['allow', false, false]],
  ['block × approved', { verdict: block, approval: 'approved', reviewed: true }, ['block', false, false]],
  ['block × unreviewed', { verdict: block }, ['block', false, false]],
  ['block × denied', { verdict: block, approval: 'denied' }, ['block', false, false]],
  ['block × no script', { verdict: block, hasScripts: false }, ['block', false, false]],
];

test.each(rows)('%s', (_name, more, [action, runScripts, pending]) => {
  const { decision, pending: asks } = decide({ ...base, ...more });
  expect({ action: decision.action, runScripts: decision.runScripts, asks }).toEqual({
    action,
    runScripts,
    asks: pending,
  });
  expect(decision.reason).not.toBe('');
  expect(decision.approval).toBe(more.approval ?? base.approval);
});
