import { EXIT, SafeInstallError } from '../errors.js';
import type { Learnt } from '../install/index.js';
import type { Command, CommandContext } from './command.js';
import { usageError } from './flags.js';
import { changedLines } from './grant.js';
import { createReviewPrompt } from './review-prompt.js';
import { progressFor } from './run-report.js';
import { sessionOf } from './session.js';

type Proposal = Learnt['proposal'];
type Wish = Proposal['proposed'][number];

/** Where a wish stands in a grant of the policy. */
const KEYS: Partial<Record<Wish['kind'], string>> = {
  host: 'hosts',
  write: 'writable',
  cache: 'writable',
  read: 'readable',
  env: 'env',
};

export const command: Command = {
  usage: ['learn <name[@version]|spec> [--yes]'],
  flags: {
    yes: { type: 'boolean', summary: 'Save the proposed grant without asking' },
    caches: { type: 'boolean', summary: 'Propose the cache folders too that its scripts filled in their private HOME' },
    'any-version': { type: 'boolean', summary: 'Grant it to every version of the package, not to this one alone' },
  },
  details: [
    'Installs the package in a folder of its own, outside of the project, with its scripts confined as ever and recorded (with',
    'strace, where it is there), and proposes the smallest grant of what they were refused, as a change of the policy file. Nothing',
    'is given while it learns, and nothing is saved before you say yes: where scripts ended at the first thing they could not do,',
    'learn again afterwards. Credentials, protected names, folders of other packages, and what a violation touched are named, and',
    'never proposed. Exits with 12 where a script was ended for a violation.',
  ],
  async run(context) {
    const { args, rest, flags, terminal, npm } = context;
    const [spec, ...more] = args;
    if (spec === undefined || more.length > 0 || rest !== null)
      throw usageError('Name one package: safe-install learn <name[@version]>', more[0] ?? 'learn');
    if (npm.global) throw usageError('learn works on a project: it edits its policy file.', '--global');
    const learnt = await learn(context, spec);
    const wishes = [...learnt.proposal.proposed, ...(flags.boolean('caches') ? learnt.proposal.caches : [])];
    const { addToPolicy } = await import('../config/policy/index.js');
    const at = flags.boolean('any-version') ? learnt.package.slice(0, learnt.package.lastIndexOf('@')) : learnt.package;
    const edit = wishes.length === 0 ? null : addToPolicy(npm.localPrefix, additionsOf(at, wishes));
    const json = flags.boolean('json');
    const { safeJson, visible } = await import('../report/index.js');
    if (!json) {
      terminal.out(`${lessonLines(learnt, flags.boolean('caches')).map(visible).join('\n')}\n`);
      if (edit !== null) {
        terminal.out(`${visible(edit.file)}${edit.after === edit.before ? ': it has all of that already' : ''}\n`);
        for (const line of changedLines(edit.before, edit.after)) terminal.out(`${visible(line)}\n`);
      }
    }
    const changes = edit !== null && edit.after !== edit.before;
    const saved = changes && (flags.boolean('yes') || (!json && (await agreed(context))));
    if (saved) await edit.save();
    if (json) {
      const { report: _, ...told } = learnt;
      const { file = null, before = null, after = null } = edit ?? {};
      terminal.out(safeJson({ schema: 1, ...told, edit: edit === null ? null : { file, before, after }, saved }));
    } else if (changes) terminal.err(saved ? 'Saved.\n' : 'Not saved: --yes saves it.\n');
    const violated = learnt.runs.find(({ violation }) => violation !== undefined);
    if (violated !== undefined && learnt.report.error !== null) throw violationOf(learnt.report.error);
    return EXIT.ok;
  },
};

async function learn(context: CommandContext, spec: string): Promise<Learnt> {
  const session = await sessionOf(context);
  const { learnPackage } = await import('../install/index.js');
  const progress = progressFor(context);
  const mayAsk = context.terminal.interactive && session.policy.onReview === 'ask' && !context.flags.boolean('json');
  const prompt = mayAsk ? createReviewPrompt(context, progress.pause) : null;
  try {
    return await learnPackage({
      ...session,
      spec,
      cwd: context.cwd,
      ...(prompt === null ? {} : { ask: prompt.ask }),
      onProgress: progress.show,
      signal: context.signal,
    });
  } finally {
    progress.stop();
  }
}

function additionsOf(at: string, wishes: readonly Wish[]): { path: string[]; values: string[] }[] {
  const byKey = new Map<string, string[]>();
  for (const { kind, value } of wishes) {
    const key = KEYS[kind];
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  return [...byKey].map(([key, values]) => ({ path: ['grants', at, key], values: [...new Set(values)] }));
}

async function agreed({ terminal }: CommandContext): Promise<boolean> {
  if (!terminal.interactive) return false;
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: 'Save this grant?', initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}

function lessonLines({ package: id, runs, proposal }: Learnt, withCaches: boolean): string[] {
  const { proposed, refused, caches, unseen } = proposal;
  const row = ({ kind, value, why }: Wish) => `  ${kind.padEnd(5)}  ${value}  (${why})`;
  const part = (title: string, wishes: readonly Wish[]) => (wishes.length === 0 ? [] : [title, ...wishes.map(row)]);
  const ends = runs.map(
    ({ event, exitCode, signal, violation }) =>
      `${event} ${violation === undefined ? (exitCode === null ? `ended by ${signal}` : `exit ${exitCode}`) : 'stopped'}`,
  );
  const nothing = proposed.length + (withCaches ? caches.length : 0) === 0;
  return [
    `learnt from ${id}: ${ends.join(', ')}`,
    ...part('wanted, and proposed', proposed),
    ...part('wanted, and not proposed', refused),
    ...part(withCaches ? 'kept caches, and proposed' : 'kept caches, which vanish (--caches proposes them)', caches),
    ...unseen.map((what) => `not seen: ${what}`),
    ...(nothing ? ['There is nothing to grant.'] : []),
  ];
}

function violationOf(error: NonNullable<Learnt['report']['error']>): SafeInstallError {
  return new SafeInstallError(error.message.replace(' The tree was rolled back.', ' Nothing is proposed for it.'), {
    code: error.code,
    exitCode: EXIT.violation,
    ...(error.where === null ? {} : { where: error.where }),
    next: error.next,
  });
}
