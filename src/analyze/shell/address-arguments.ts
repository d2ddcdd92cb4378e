import { HOLE } from '../task.js';
import type { ShellState } from './state.js';
import { concat, type ShellValue } from './value.js';

/** Programs that talk to the address among their arguments, and the subcommands by which they do. */
const ASKING: Readonly<Record<string, RegExp>> = {
  git: /^(?:ls-remote|fetch|pull|push|archive|submodule|remote|clone)$/,
  npm: /^(?:view|info|show|install|i|add|ping|search|audit|login|exec|pack|publish)$/,
  pnpm: /^(?:view|info|install|i|add|dlx|publish|fetch)$/,
  yarn: /^(?:info|install|add|dlx|npm|publish)$/,
  npx: /^/,
  bun: /^(?:install|add|x)$/,
  pip: /^(?:install|download|index)$/,
  pip3: /^(?:install|download|index)$/,
  gem: /^(?:install|fetch|list|search)$/,
  cargo: /^(?:install|fetch|search)$/,
  go: /^(?:get|install|list)$/,
  docker: /^(?:pull|push|login|run|build)$/,
  helm: /^(?:pull|repo|install)$/,
  skopeo: /^/,
  svn: /^/,
  hg: /^(?:clone|pull|push|id|identify)$/,
  open: /^/,
  'xdg-open': /^/,
  start: /^/,
  explorer: /^/,
  'google-chrome': /^/,
  chromium: /^/,
  firefox: /^/,
  ffmpeg: /^/,
  'yt-dlp': /^/,
  gdown: /^/,
  lynx: /^/,
  w3m: /^/,
  links: /^/,
};

/** Options of package managers whose values their registry has to get. */
const PUBLISHING = /^--(?:otp|tag|access)(?:=|$)/;

/** A program of another purpose tells a host what stands in the address, or beside it, that it is given. */
export function askAddress(name: string, all: readonly ShellValue[], state: ShellState, at: number): void {
  const subcommands = ASKING[name];
  if (subcommands === undefined) return;
  const args = name === 'git' ? withoutFolder(all) : all;
  if (
    !args.some((arg, at) => isTelling(arg) && !PUBLISHING.test(args[at - 1]?.text ?? '') && !PUBLISHING.test(arg.text))
  )
    return;
  const word = args.find(({ text }) => !text.startsWith('-'))?.text ?? '';
  if (!args.some(({ text }) => subcommands.test(text)) && !subcommands.test(word)) return;
  const address = args.find(isAddress);
  if (address !== undefined)
    state.observe(
      'net.out',
      `shell.${name}`,
      [{ ...address, text: address.text.replace(/^[^:/]*=/, '') }, concat(args, ' ')],
      at,
    );
}

/** What says something of secrets or of the machine: a text that is known as a whole holds none, wherever it was picked from. */
function isTelling({ text, taints }: ShellValue): boolean {
  return text.includes(HOLE) && taints.some(({ source }) => /^(?:secret|env\.all|cloud|identity)/.test(source));
}

function isAddress({ text }: ShellValue): boolean {
  return /(?:^|=)(?:https?|git|ssh|svn|wss?|rtmps?):\/\//.test(text);
}

/** `git clone <address> <folder>`: where it is put on this machine is told to nobody. */
function withoutFolder(args: readonly ShellValue[]): readonly ShellValue[] {
  const address = args.findIndex(isAddress);
  if (address === -1 || !args.slice(0, address).some(({ text }) => text === 'clone')) return args;
  return args.filter((arg, at) => at !== address + 1 || arg.text.startsWith('-'));
}
