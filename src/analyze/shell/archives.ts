import { expandRanges, filter } from './filter-commands.js';
import { runFile } from './interpreter-commands.js';
import type { ShellState } from './state.js';
import { constant, EMPTY, isConstant, type ShellValue } from './value.js';

/** Compilers, installers and unpackers: what they make of a download is a download. */
export function handleFetched(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): void {
  if (SINGLE.test(name) && !args.some(({ text }) => /^(?:-\w*c|--stdout|--to-stdout)$/.test(text)))
    for (const arg of args.filter(({ text }) => /\.(?:gz|xz|bz2|zst|lzma)$/.test(text))) {
      const content = state.writtenAt(arg.text);
      if (content !== undefined)
        state.writePath({ ...arg, text: arg.text.replace(/\.\w+$/, '') }, content, false, at, `shell.${name}`);
    }
  if (COMPILERS.test(name)) compile(args, stdin, state, at);
  if (INSTALLERS.test(name)) installDownloaded(args, state, at, name);
  if (name !== 'unzip') return;
  const into = args.findIndex(({ text }) => text === '-d');
  unpack(
    args.filter(({ text }) => /\.\w+$/.test(text)),
    into < 0 ? undefined : args[into + 1],
    state,
  );
}

/** What a filter prints; an archiver that is told a file puts it there. What is decoded without being known is marked so. */
export function filtered(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  input: ShellValue,
  state: ShellState,
  at: number,
): ShellValue {
  const out = filter(name, args, input);
  const flags = args.map(({ text }) => text);
  if (name === 'tar' || name === 'zip' || name === '7z') {
    const after = name === 'tar' ? flags.findIndex((flag) => /^-?[a-zA-Z]*f$|^--file$/.test(flag)) + 1 : 0;
    const file =
      name === 'tar'
        ? after > 0
          ? args[after]
          : undefined
        : args.filter(({ text }) => !text.startsWith('-') && !/^[adu]$/.test(text))[0];
    const packs = name !== 'tar' || flags.some((flag) => /^-?[a-zA-Z]*[cru][a-zA-Z]*$|^--create$/.test(flag));
    if (packs && file !== undefined && file.text !== '-') state.writePath(file, out, false, at, `shell.${name}`);
  }
  const extracts = name === 'tar' && flags.some((flag) => /^-?[a-zA-Z]*x[a-zA-Z]*$|^--extract$/.test(flag));
  if (extracts) {
    const from = args.filter(({ text }) => /\.\w+$/.test(text));
    const into = flags.findIndex((flag) => flag === '-C' || flag === '--directory');
    unpack(from.length > 0 ? from : [stdin], into < 0 ? undefined : args[into + 1], state);
  }
  const decodes =
    (name === 'base64' && flags.some((flag) => /^(?:-d|-D|--decode|-di|-id)$/.test(flag))) ||
    (name === 'xxd' && flags.some((flag) => /^-\w*r/.test(flag))) ||
    name === 'uudecode';
  if (isConstant(out)) return out;
  if (name === 'tr' && substitutesLetters(args))
    return hiddenText(out, 'text of which letters are exchanged', 'reverse');
  if (isConstant(input) && input.text !== '' && REWRITERS.test(name)) {
    const file = args.map(({ text }) => state.ownFile(text)).find((path) => path !== null);
    if (file !== undefined && file !== null) return hiddenText(out, file, 'replace');
  }
  if (UNPACKERS.test(name) && isConstant(input) && input.text !== '' && input.taints.length === 0)
    return hiddenText(out, 'unpacked text', 'zlib');
  if (!decodes || out.taints.length > 0) return out;
  return hiddenText(out, 'decoded text', name === 'xxd' ? 'hex' : 'base64');

  function hiddenText(value: ShellValue, detail: string, through: string): ShellValue {
    const hidden = { ...state.taint('file.own', detail, at), through: [through] };
    return { ...value, taints: [...value.taints, hidden] };
  }
}

/** Filters that make another text of what they read. */
const REWRITERS = /^(?:sed|tr|rev|awk|gawk|mawk|cut|fold|paste|tac|iconv|dd|od|gunzip|zcat|bunzip2|xz|zstd|bzip2)$/;

const UNPACKERS = /^(?:gunzip|zcat|bunzip2|xz|zstd|bzip2|gzip)$/;

/** Whether `tr` puts other letters in place of letters, and not only those of the other case. */
function substitutesLetters(args: readonly ShellValue[]): boolean {
  const [from, to] = args.filter(({ text }) => !/^-[cdsCt]+$/.test(text)).map(({ text }) => expandRanges(text));
  if (from === undefined || to === undefined) return false;
  const exchanged = from.filter((char, index) => {
    const other = to[Math.min(index, to.length - 1)] ?? char;
    return /[a-z]/i.test(char) && /[a-z0-9]/i.test(other) && char.toLowerCase() !== other.toLowerCase();
  });
  return exchanged.length > 8;
}

/** Unpackers that put one file in the place of another. */
const SINGLE = /^(?:gunzip|gzip|unxz|xz|bunzip2|bzip2|unzstd|zstd|unlzma)$/;
const INSTALLERS = /^(?:dpkg|rpm|installer|msiexec|apk|pacman|dnf|yum|apt|apt-get|adb|open|xdg-open)$/;
const COMPILERS = /^(?:cc|gcc|g\+\+|clang|clang\+\+|tcc|c99|c\+\+|rustc|javac|csc|mcs|nasm)$/;

/** Sources that a script compiles itself are read; the program that comes of them is what they are. */
function compile(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number): void {
  const output = args[args.findIndex(({ text }) => text === '-o') + 1];
  const sources = args.filter(({ text }) => /\.(?:c|cc|cpp|cxx|rs|java|cs|go|m|mm)$/.test(text));
  for (const source of sources) runFile('cc', 'foreign', source, state, at, true);
  if (output !== undefined && args.some(({ text }) => text === '-o'))
    state.writePath(output, sources.length > 0 ? EMPTY : { ...stdin, text: '\uFFFC' }, false, at, 'shell.cc');
}

/** A package file that was downloaded runs its scripts when it is installed. */
function installDownloaded(args: readonly ShellValue[], state: ShellState, at: number, name: string): void {
  for (const arg of args) {
    const content = state.writtenAt(arg.text);
    if (content?.taints.some(({ source }) => source === 'net.response') === true)
      state.observe('code.eval', `shell.${name}`, [content], at);
  }
}

/** What is unpacked from a download is a folder of downloads. */
function unpack(archives: readonly ShellValue[], folder: ShellValue | undefined, state: ShellState): void {
  for (const archive of archives) {
    const content = state.writtenAt(archive.text) ?? archive;
    if (!content.taints.some(({ source }) => source === 'net.response')) continue;
    const place =
      folder !== undefined && /[\w~$]/.test(folder.text) && !folder.text.startsWith('-')
        ? folder
        : constant(state.outside ?? '.');
    state.unpackedInto(place.text.replace(/\/$/, ''), content);
  }
}
