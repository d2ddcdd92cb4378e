import type { Taint } from '../observation.js';
import type { ShellState } from './state.js';
import type { ShellValue } from './value.js';

const ASKS_FOR_SECRET =
  /pass(?:word|phrase|wd|code)|\[sudo\]|\botp\b|\bpin\b|secret|token|mnemonic|seed phrase|private key|api key/i;

/**
 * What `read` gets from somebody at the terminal, where it shows nothing or asks for something that nobody should see; null where it
 * reads what another command printed, or an ordinary answer.
 */
export function typedAnswer(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): Taint | null {
  if (stdin.text !== '' || stdin.taints.length > 0) return null;
  const isHidden = args.some(({ text }) => /^-[a-zA-Z]*s[a-zA-Z]*$/.test(text));
  const asked = args.flatMap(({ text }, index) => {
    // `-rsp "Password: "` of bash and fish, `"name?Password: "` of zsh.
    if (/^-[a-zA-Z]*[pP]$|^--prompt(?:-str)?$/.test(text)) return [args[index + 1]?.text ?? ''];
    return [/^\w*\?(.+)$/s.exec(text)?.[1] ?? []].flat();
  });
  const prompt = asked[0] ?? '';
  if (!isHidden && !ASKS_FOR_SECRET.test(prompt)) return null;
  const names = args.filter(({ text }, index) => /^[A-Za-z_]\w*$/.test(text) && args[index - 1]?.text !== '-p');
  const detail = prompt === '' ? (names.at(-1)?.text ?? 'read -s') : prompt.replaceAll('\uFFFC', '…').trim();
  return state.taint('typed.secret', detail.slice(0, 80), at);
}
