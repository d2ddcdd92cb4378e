import type { Decision, ScriptApproval, Verdict } from '../model.js';

/** What is known about one package when it is decided on. */
export interface Case {
  verdict: Pick<Verdict, 'action' | 'score'>;
  /** Whether npm would run a lifecycle script of it. */
  hasScripts: boolean;
  approval: ScriptApproval;
  /** The approval names these very bytes and scripts (safe-install.lock), so that it also answers a `review`. */
  reviewed: boolean;
  scripts: 'run' | 'approved-only';
}

/** A decision, or a question that a person must answer first. */
export interface Outcome {
  decision: Decision;
  /** True when the verdict is `review` and nobody has looked at these bytes: ask, or end with exit 11. */
  pending: boolean;
}

/** The decision table (DESIGN 7). */
export function decide({ verdict, hasScripts, approval, reviewed, scripts }: Case): Outcome {
  const settle = (action: Decision['action'], runScripts: boolean, reason: string, pending = false): Outcome => ({
    decision: { action, runScripts, approval, reason },
    pending,
  });
  if (verdict.action === 'block') {
    return settle('block', false, `the scan scored it ${verdict.score}, which is blocked`);
  }
  if (verdict.action === 'review') {
    if (reviewed) {
      return settle('allow', hasScripts && approval !== 'denied', 'reviewed and approved with these bytes and scripts');
    }
    if (hasScripts && approval === 'denied') {
      return settle('allow', false, 'its scripts are denied');
    }
    const wording =
      approval === 'approved' ? 'approved by npm, not reviewed by safe-install' : 'nobody has reviewed it';
    return settle('review', false, `the scan scored it ${verdict.score}; ${wording}`, true);
  }
  if (!hasScripts) {
    return settle('allow', false, 'nothing found, and it has no scripts');
  }
  if (approval === 'denied') {
    return settle('allow', false, 'its scripts are denied');
  }
  if (approval === 'unreviewed' && scripts === 'approved-only') {
    return settle('allow', false, 'its scripts are not approved, and policy runs approved ones only');
  }
  return settle(
    'allow',
    true,
    approval === 'approved' ? 'its scripts are approved' : 'nothing found; its scripts run in the sandbox',
  );
}
