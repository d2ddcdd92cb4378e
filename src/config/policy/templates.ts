import type { Policy, PolicyFile } from './schema.js';

/** What holds where nobody says anything: the template `base`. */
export const BASE: Omit<Policy, 'sources'> = {
  // the analyzer’s DEFAULT_THRESHOLDS; a test keeps them equal
  thresholds: { review: 40, block: 75 },
  scripts: 'run',
  onReview: 'ask',
  rules: [],
  sandbox: { require: 'basic', limits: {}, profiles: [], violations: {}, settings: null },
  grants: {},
  exceptions: [],
  ignoreViolations: {},
  verdicts: { trustedKeys: [] },
};

const MINUTE = 60_000;

/** The built-in templates: what each changes of `base`. */
export const TEMPLATES: Record<'base' | 'development' | 'strict', PolicyFile> = {
  base: {},
  // a developer's machine builds native packages from source, and somebody is there to be asked
  development: { sandbox: { limits: { wallMs: 30 * MINUTE, cpuSeconds: 3600 } } },
  // CI and release machines: nothing runs that nobody approved, and the sandbox must be whole
  strict: { scripts: 'approved-only', onReview: 'fail', sandbox: { require: 'full' } },
};
