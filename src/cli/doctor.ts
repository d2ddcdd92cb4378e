import pc from 'picocolors';
import type { Check, DoctorReport, EscapeResult } from '../doctor/index.js';
import { EXIT } from '../errors.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';
import { sessionOf } from './session.js';

export const command: Command = {
  usage: ['doctor [--json]'],
  flags: {},
  details: [
    'Shows what this machine has for installing and confining, each with what to do where something is missing, and tries ten',
    'harmless escapes in the real sandbox. Exits with 0, with 13 where no sandbox can be had, with 12 where an escape got',
    'through, and with 1 where something else is missing that an install needs.',
  ],
  async run(context) {
    const { args, rest, terminal, flags } = context;
    if (args.length > 0 || rest !== null) throw usageError('doctor takes no arguments.', args[0] ?? '--');
    const session = await sessionOf(context);
    const { sandboxPartsOf } = await import('../install/index.js');
    const { registries, upstream } = await sandboxPartsOf(session);
    const { collectDoctor } = await import('../doctor/index.js');
    const report = await collectDoctor({ registries, upstream, stateDir: context.stateDir });
    if (flags.boolean('json')) {
      const { safeJson } = await import('../report/index.js');
      terminal.out(safeJson(report));
    } else {
      const { visibleLines } = await import('../report/index.js');
      const colors = pc.createColors(terminal.color.out);
      terminal.out(doctorLines(report, (text) => visibleLines(text), colors));
    }
    return exitCodeOf(report);
  },
};

/** The exit code that a report stands for. */
export function exitCodeOf({ level, checks, escapes }: DoctorReport): number {
  if (escapes.some(({ id, held }) => !held && id !== 'benign-script')) return EXIT.violation;
  if (level === 'none') return EXIT.noSandbox;
  if (escapes.some(({ held }) => !held)) return EXIT.noSandbox;
  return checks.some(({ status }) => status === 'failure') ? EXIT.npm : EXIT.ok;
}

const LEVELS = {
  full: 'full: every script in a sandbox inside a sandbox, names resolved by us',
  basic: 'basic: every script in one sandbox; programs reach the registry through proxy variables only',
  seatbelt: 'seatbelt: every script under a generated profile of macOS',
  none: 'none: install scripts do not run here',
} as const;

/** A report as lines for people. `clean` takes control characters out of what the machine said. */
export function doctorLines(
  { platform, level, checks, escapes }: DoctorReport,
  clean: (text: string) => string,
  colors: ReturnType<typeof pc.createColors>,
): string {
  const signs = { ok: colors.green('✓'), warning: colors.yellow('!'), failure: colors.red('✗') };
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lineOf = ({ title, status, found, remedies }: Check) => [
    `${signs[status]} ${title.padEnd(width)}  ${clean(found)}`,
    ...remedies.flatMap((remedy) => clean(remedy).split('\n')).map((line) => `    ${colors.cyan('→')} ${line}`),
  ];
  const escapeLine = ({ title, held, detail }: EscapeResult) =>
    `${held ? signs.ok : signs.failure} ${title}: ${held ? '' : `${colors.red('not held')}, `}${clean(detail)}`;
  return `${[
    `${platform.os} ${platform.release} ${platform.arch}, Node.js ${platform.node}`,
    '',
    ...checks.flatMap(lineOf),
    '',
    `Sandbox level ${LEVELS[level]}`,
    ...(escapes.length === 0
      ? []
      : ['', 'Attempts in the real sandbox (✓ = the sandbox held)', ...escapes.map(escapeLine)]),
  ].join('\n')}\n`;
}
