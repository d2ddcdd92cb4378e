import { commandOfSetting } from '../git-settings.js';
import { constant, type ShellValue } from './value.js';

/** What a command starts besides itself: words of another command, or a text in a language. */
export interface Carried {
  words?: ShellValue[];
  text?: ShellValue;
  /** Default `shell`. */
  language?: 'shell' | 'javascript' | 'foreign';
}

type Carrier = (args: readonly ShellValue[], stdin: ShellValue) => Carried[];

/** The words after options and `skip` operands of the carrier's own. */
function rest(skip: number, withValue = /^$/): Carrier {
  return (args) => {
    let index = 0;
    let left = skip;
    for (; index < args.length; index += 1) {
      const text = args[index]?.text ?? '';
      if (text === '--') continue;
      if (/^-/.test(text)) {
        if (withValue.test(text)) index += 1;
      } else if (left > 0) left -= 1;
      else break;
    }
    return index < args.length ? [{ words: args.slice(index) }] : [];
  };
}

/** The text after an option: `-c TEXT`, `-ex TEXT`, `--checkpoint-action=exec=TEXT`. */
function afterOption(option: RegExp, strip: RegExp | null = null, language: Carried['language'] = 'shell'): Carrier {
  return (args) =>
    args.flatMap((arg, index) => {
      const glued = option.exec(arg.text)?.[1];
      const next = args[index + 1];
      const value = glued !== undefined ? { ...arg, text: glued } : option.test(arg.text) ? next : undefined;
      if (value === undefined || (strip !== null && !strip.test(value.text))) return [];
      return [{ text: strip === null ? value : { ...value, text: value.text.replace(strip, '') }, language }];
    });
}

const all =
  (...carriers: Carrier[]): Carrier =>
  (args, stdin) =>
    carriers.flatMap((carrier) => carrier(args, stdin));
const joined =
  (from: RegExp): Carrier =>
  (args, stdin) =>
    rest(0, from)(args, stdin).map(({ words = [] }) =>
      words.length === 1 && words[0] !== undefined ? { text: words[0] } : { words },
    );
const fromInput: Carrier = (_args, stdin) => (stdin.text === '' && stdin.taints.length === 0 ? [] : [{ text: stdin }]);

/** Commands of `find -exec … ;`: the file is the folder that is searched. */
const findExec: Carrier = (args) => {
  const root = args.find((arg) => !arg.text.startsWith('-')) ?? constant('.');
  return args.flatMap((arg, index) => {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(arg.text)) return [];
    const tail = args.slice(index + 1);
    const end = tail.findIndex(({ text }) => text === ';' || text === '+' || text === '\\;');
    const words = (end < 0 ? tail : tail.slice(0, end)).map((word) =>
      word.text === '{}' ? root : { ...word, text: word.text.replaceAll('{}', root.text) },
    );
    return words.length === 0 ? [] : [{ words }];
  });
};

/** What a setting runs is read where it is more than the name of a program. */
function gitSetting(args: readonly ShellValue[]): Carried[] {
  const words = args.filter(
    ({ text }, index) => !/^-/.test(text) && !/^(?:-f|--file|-C|-c)$/.test(args[index - 1]?.text ?? ''),
  );
  const [verb, first, ...more] = words;
  if (verb?.text !== 'config') return [];
  const [key, value] = /^(?:set|add)$/.test(first?.text ?? '') ? more : [first, more[0]];
  const command = key === undefined || value === undefined ? null : commandOfSetting(key.text, value.text);
  return command === null || value === undefined || !/[|;&`(]|https?:/.test(command)
    ? []
    : [{ text: { ...value, text: command } }];
}

const gitCarrier: Carrier = (args) => [...gitSetting(args), ...gitOptions(args)];

const gitOptions = (args: readonly ShellValue[]): Carried[] =>
  args.flatMap((arg, index) => {
    const remote = /^ext::(.+)$/.exec(arg.text)?.[1];
    if (remote !== undefined) return [{ text: { ...arg, text: remote.replace(/%(.)/g, '$1') } }];
    const [, key, value] = (args[index - 1]?.text === '-c' ? /^([^=]+)=(.+)$/s.exec(arg.text) : null) ?? [];
    const command = key === undefined || value === undefined ? null : commandOfSetting(key, value);
    return command === null ? [] : [{ text: { ...arg, text: command } }];
  });

/** Programs that start other programs (GTFOBins, LOLBAS): what they start is read as if it stood there alone. */
export const CARRIERS: Readonly<Record<string, Carrier>> = {
  script: afterOption(/^(?:-[a-z]*c|--command(?:=(.+))?)$/s),
  su: afterOption(/^(?:-c|--command(?:=(.+))?)$/s),
  runuser: all(afterOption(/^(?:-c|--command(?:=(.+))?)$/s), rest(0, /^-[ug]$/)),
  env: afterOption(/^(?:-S|--split-string=(.+))$/s),
  watch: joined(/^(?:-n|--interval)$/),
  parallel: all(fromInput, joined(/^(?:-j|--jobs|-n|-I)$/)),
  at: fromInput,
  batch: fromInput,
  trap: (args) => (args[0] === undefined || /^-/.test(args[0].text) ? [] : [{ text: args[0] }]),
  flock: all(afterOption(/^-c$/), rest(1, /^(?:-w|-E|--timeout|-c)$/)),
  screen: rest(0, /^-(?:d?m?S|S|c|t|L?ogfile|h|s)$|^-dmS$/),
  tmux: (args) => {
    const start = args.findIndex(({ text }) =>
      /^(?:new|new-session|neww|new-window|split-window|splitw|send-keys|run|run-shell)$/.test(text),
    );
    return start < 0 ? [] : joined(/^-[sncteF]$/)(args.slice(start + 1), constant(''));
  },
  'systemd-run': rest(0, /^-[pu]$|^--(?:property|unit|description)$/),
  start: rest(0),
  forfiles: afterOption(/^\/c$/i),
  pcalua: afterOption(/^-a$/i),
  conhost: rest(0),
  strace: rest(0, /^-[eopsu]$/),
  ltrace: rest(0, /^-[eopsu]$/),
  taskset: rest(1),
  chrt: rest(1),
  unshare: rest(0),
  nsenter: rest(0, /^-t$/),
  fakeroot: rest(0),
  proot: rest(0, /^-[rbwS]$/),
  firejail: rest(0),
  'xvfb-run': rest(0, /^-[enspl]$/),
  'dbus-run-session': rest(0),
  'dbus-launch': rest(0),
  setarch: rest(1),
  linux32: rest(0),
  linux64: rest(0),
  retry: rest(0, /^-[td]$/),
  eatmydata: rest(0),
  capsh: afterOption(/^-c$/),
  find: findExec,
  fd: all(findExec, afterOption(/^-[xX]$/)),
  vim: afterOption(/^(?:-c|--cmd|\+(.+))$/s, /^:?!\s*/),
  vi: afterOption(/^(?:-c|--cmd|\+(.+))$/s, /^:?!\s*/),
  nvim: afterOption(/^(?:-c|--cmd|\+(.+))$/s, /^:?!\s*/),
  ex: afterOption(/^(?:-c|\+(.+))$/s, /^:?!\s*/),
  emacs: afterOption(/^(?:--eval|-eval|--execute(?:=(.+))?)$/s, null, 'foreign'),
  gdb: afterOption(/^(?:-ex|--eval-command(?:=(.+))?|-iex)$/s, /^(?:!|shell)\s*/),
  tar: afterOption(
    /^(?:-I|--(?:checkpoint-action=exec|to-command|use-compress-program|rsh-command|info-script)(?:=(.+))?)$/s,
  ),
  zip: afterOption(/^(?:-TT|--unzip-command(?:=(.+))?)$/s),
  rsync: afterOption(/^(?:-e|--rsh(?:=(.+))?)$/s, /^(?=(?:\S*\/)?(?:sh|bash)\b)/),
  ssh: afterOption(/^(?:-o)?(?:ProxyCommand|LocalCommand|PermitLocalCommand)=(.+)$/is),
  git: gitCarrier,
  sqlite3: afterOption(/^(?:\.(?:shell|system)\s+(.+))$/s),
  expect: afterOption(/^-c$/, null, 'foreign'),
  awk: (args) => awkProgram(args),
  gawk: (args) => awkProgram(args),
  mawk: (args) => awkProgram(args),
  nawk: (args) => awkProgram(args),
};

/** An awk program on the command line that starts something; others are filters. */
function awkProgram(args: readonly ShellValue[]): Carried[] {
  const program = args.find((arg, index) => !arg.text.startsWith('-') && !/^-[fFv]$/.test(args[index - 1]?.text ?? ''));
  return program !== undefined && /\bsystem\s*\(|getline|\/inet\/|\|\s*"/.test(program.text)
    ? [{ text: program, language: 'foreign' }]
    : [];
}
