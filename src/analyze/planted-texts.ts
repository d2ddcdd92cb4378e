import { commandsOfGitConfig } from './git-settings.js';
import type { Observation } from './observation.js';
import { HOLE } from './task.js';
import type { WrittenContent } from './written-contents.js';

const LIFECYCLE = /"(?:(?:pre|post)?install|prepare|prepublish)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
/** What fetches or hides code; what else such a text starts lies in the user's project, not here. */
const WORTH_READING = /\b(?:curl|wget|iwr|irm|fetch|eval|base64|nc)\b|Invoke-|https?:\/\/|\/dev\/tcp|\bnode\s+-e\b/;
const LONGEST = 20_000;
/** What a script is told out of such a file, its version and name, is no line of it. */
export const DATA_FILE = /\.json$/;

/** Places whose contents are started by somebody else, and the commands that a text has there. */
const STARTERS: readonly { path: RegExp; commands: (text: string) => string[] }[] = [
  { path: /(?:^|\/)package\.json$/, commands: lifecycleOf },
  {
    path: /(?:^|\/)(?:\.git\/hooks|\.husky)\/[\w-]+$|(?:^|\/)\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zprofile|zshenv|zlogin|xprofile|xinitrc)$|(?:^|\/)etc\/(?:profile\.d|cron\.\w+ly)\//,
    commands: (text) => [text],
  },
  { path: /(?:^|\/)\.gitconfig$|(?:^|\/)\.?git\/config$|(?:^|\/)gitconfig$/, commands: commandsOfGitConfig },
  {
    path: /(?:^|\/)systemd\/(?:user|system)\/[^/]+\.(?:service|timer|path)$/,
    commands: linesAfter(/^Exec\w+=[-@:+!]*(.+)$/gm),
  },
  { path: /\.desktop$/, commands: linesAfter(/^Exec=(.+)$/gm) },
  { path: /Launch(?:Agents|Daemons)\/[^/]+\.plist$/, commands: argumentsOfAgent },
  {
    path: /^crontab$|(?:^|\/)(?:etc\/cron\.d|spool\/cron)(?:\/|$)/,
    commands: linesAfter(/^\s*(?:@\w+\s+|(?:[\d*,/-]+\s+){5})(?:root\s+)?(.+)$/gm),
  },
];

/** Commands of a text that is written where others run it: scripts of a new package, git's hooks and settings, start-up files, timers. */
export function plantedCommands(seen: Observation, contents: readonly WrittenContent[]): string[] {
  if (seen.sink !== 'fs.write') return [];
  const starter = STARTERS.find(({ path }) => path.test(seen.target ?? ''));
  if (starter === undefined) return [];
  const isData = DATA_FILE.test(seen.target ?? '');
  return contents
    .filter(({ own }) => isData || own === null || !DATA_FILE.test(own))
    .map(({ text }) => text)
    .filter((text) => text.length < LONGEST)
    .flatMap(starter.commands)
    .filter((text) => text.replaceAll(HOLE, '').trim() !== '');
}

/** Whether a planted command is worth reading for itself. */
export function isWorthReading(command: string): boolean {
  return WORTH_READING.test(command);
}

function lifecycleOf(manifest: string): string[] {
  return [...manifest.matchAll(LIFECYCLE)].map(([, script = '']) => {
    try {
      return String(JSON.parse(`"${script}"`));
    } catch {
      return script;
    }
  });
}

function linesAfter(pattern: RegExp): (text: string) => string[] {
  return (text) => [...text.matchAll(pattern)].map(([, command = '']) => command);
}

/** `ProgramArguments` of a launch agent, as one command line. */
function argumentsOfAgent(text: string): string[] {
  const list = /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(text)?.[1];
  const program = /<key>Program<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
  const words = [...(list ?? '').matchAll(/<string>([^<]*)<\/string>/g)].map(([, word = '']) => word);
  const plain = (words.length > 0 ? words : program === undefined ? [] : [program]).map((word) =>
    word.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
  return plain.length === 0
    ? []
    : [plain.map((word) => (/^[\w./~$-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')];
}
