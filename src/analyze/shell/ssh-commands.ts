import { listedIn } from './named-files.js';
import { parseArguments } from './options.js';
import type { ShellState } from './state.js';
import { concat, type ShellValue, unknown } from './value.js';

/** `ssh host command`: what it is given on standard input and the words of the command go there; its key only opens the door. */
export function ssh(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const [to = unknown([]), ...words] = parseArguments(args, SSH_VALUES).operands;
  const host = { ...to, text: hostNamed(to.text) };
  state.observe('net.out', api, [host, concat([stdin, ...words])], at);
  return unknown([state.taint('net.response', host.text, at)]);
}

const SSH_VALUES = new Set([...'BbcDEeFIiJLlmOoPpQRSWw']);
const SCP_VALUES = new Set([...'cDFiJloPSX']);
const RSYNC_VALUES = new Set(
  'e rsh password-file files-from exclude exclude-from include include-from filter f port timeout log-file bwlimit T temp-dir M'.split(
    ' ',
  ),
);

/** `scp file host:`, `rsync file host:`. */
export function copied(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const isRsync = api === 'shell.rsync';
  const all = parseArguments(args, isRsync ? RSYNC_VALUES : SCP_VALUES).operands;
  const operands = all.filter(({ text }) => !/[@:]/.test(text));
  const from = operands[0]?.text.replace(/\/?$/, '/') ?? '';
  const listed = isRsync ? listedIn('rsync', args, stdin, state, at) : [];
  const files = [...operands, ...listed.map((arg) => ({ ...arg, text: `${from}${arg.text}` }))].map((arg) =>
    state.readPath(arg, at),
  );
  const named = all.find(({ text }) => /[@:]/.test(text)) ?? all[0] ?? unknown([]);
  const host = { ...named, text: hostNamed(named.text) };
  state.observe('net.out', api, [host, concat([stdin, ...files])], at);
  return unknown([state.taint('net.response', host.text, at)]);
}

/** The host of `user@host:path`. */
function hostNamed(text: string): string {
  return text.replace(/^(?:[^@/]*@)?([\w.-]+):(?!\/\/).*$/, '$1').replace(/^[^@/:]*@/, '');
}
