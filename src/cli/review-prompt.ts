import type { Ask, PendingReview, ReviewAnswer } from '../install/index.js';
import type { CommandContext } from './command.js';
import type { Approved } from './record-approval.js';

/** Asks a person at the terminal about packages that need review, and keeps what is to be remembered. */
export interface ReviewPrompt {
  ask: Ask;
  /** Approvals with "remember": to be written down once the install has succeeded. */
  remembered: Approved[];
  /** True when the person pressed Ctrl-C in a question. */
  cancelled(): boolean;
}

type Choice = ReviewAnswer | 'remember';

/** Makes the prompt; `pause` removes the live progress line before a question. */
export function createReviewPrompt({ terminal }: CommandContext, pause: () => void): ReviewPrompt {
  const remembered: Approved[] = [];
  let cancelled = false;

  const askOne = async (pending: PendingReview, at: string): Promise<ReviewAnswer> => {
    const { isCancel, select, text } = await import('@clack/prompts');
    const { visible } = await import('../report/index.js');
    terminal.err(`\n${await reviewText(pending, { color: terminal.color.err, columns: terminal.columns })}\n\n`);
    const output = process.stderr;
    const choice = await select<Choice>({
      message: `${visible(`${pending.node.name}@${pending.node.version}`)} needs your review${at}`,
      options: choices(pending),
      initialValue: 'stop',
      output,
    });
    if (isCancel(choice)) {
      cancelled = true;
      return 'stop';
    }
    if (choice !== 'remember') return choice;
    const reason = await text({ message: 'Why is it right? (kept in safe-install.lock)', validate: notEmpty, output });
    if (isCancel(reason)) {
      cancelled = true;
      return 'stop';
    }
    const { node, scriptHash, scripts } = pending;
    remembered.push({
      node,
      scriptHash,
      hasScripts: scripts.length > 0,
      grant: null,
      reason: reason.trim(),
      expires: null,
    });
    return 'approve';
  };

  return {
    remembered,
    cancelled: () => cancelled,
    async ask(pending) {
      pause();
      const answers: ReviewAnswer[] = [];
      for (const [i, review] of pending.entries()) {
        const stopped = answers.includes('stop');
        answers.push(
          stopped ? 'stop' : await askOne(review, pending.length === 1 ? '' : ` (${i + 1} of ${pending.length})`),
        );
      }
      return answers;
    },
  };
}

/** What a person sees before the question: the package, its findings with slices, its scripts and what they may do. */
export async function reviewText(
  { node, verdict, scripts, grant, reason }: PendingReview,
  look: { color: boolean; columns: number },
): Promise<string> {
  const { packageLines, visible } = await import('../report/index.js');
  const reported = {
    ...node,
    verdict: { action: verdict.action, score: verdict.score, fromCache: verdict.stats.fromCache },
    decision: { action: 'review' as const, runScripts: false, approval: 'unreviewed' as const, reason },
    findings: verdict.findings,
  };
  const lines = packageLines(reported, look, 'normal');
  for (const { event, command } of scripts) lines.push(`  ${event}: ${visible(command)}`);
  if (scripts.length > 0) {
    const hosts =
      grant.hosts.length === 0 ? 'only the registry' : `the registry, ${grant.hosts.map(visible).join(', ')}`;
    lines.push(
      `  in the sandbox; reaches ${hosts}; writes its own folder${grant.writable.map((path) => `, ${visible(path)}`).join('')}`,
    );
  }
  return lines.join('\n');
}

function choices({ scripts }: PendingReview): { value: Choice; label: string; hint?: string }[] {
  const withScripts = scripts.length > 0;
  return [
    { value: 'stop', label: 'Stop', hint: 'nothing is written' },
    ...(withScripts ? [{ value: 'without-scripts' as const, label: 'Install it without its scripts' }] : []),
    { value: 'approve', label: withScripts ? 'Approve once' : 'Install it once', hint: 'asks again next time' },
    { value: 'remember', label: 'Approve and remember', hint: 'these bytes only, with a reason' },
  ];
}

function notEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? 'A reason helps those who come later.' : undefined;
}
