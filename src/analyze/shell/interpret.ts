import {
  type CaseItem,
  type Command,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  type PipelineNode,
  parse,
  type Redirect,
  type Redirection,
  type Statement,
} from 'unbash';
import { guardOf } from '../guard.js';
import type { FrontEndResult, ScanContext, TextTask } from '../task.js';
import { runCommand } from './command.js';
import { setUpByVariable } from './leading-variables.js';
import { readRounds } from './read-loops.js';
import { ShellState } from './state.js';
import { testHolds } from './tests.js';
import { concat, constant, EMPTY, isConstant, type ShellValue, unknown } from './value.js';
import { evaluateWord } from './words.js';

const MAX_DEPTH = 40;
const HERE_DOCUMENTS = 5_000;

/** Reads a shell text: every command with what is known of its words, pipes as flows, and the files and texts that it runs. */
export function interpretShell(task: TextTask, context: ScanContext, ownLines = false): FrontEndResult {
  const state = new ShellState(task, context, ownLines);
  let script: ParsedScript;
  try {
    // The parser looks through all open here-documents at each one more.
    if (task.text.split('<<', HERE_DOCUMENTS + 2).length > HERE_DOCUMENTS + 1)
      throw new Error('too many here-documents');
    script = parse(normaliseForeignSyntax(task.text));
  } catch (error) {
    state.fact(
      'parse-failure.shell',
      `this shell text cannot be parsed: ${error instanceof Error ? error.message : ''}`,
      0,
    );
    return state.result;
  }
  try {
    const { input, inputTaints = [] } = task;
    runScript(script, state, 0, input === undefined ? EMPTY : { ...constant(input), taints: [...inputTaints] });
    const bomb =
      /(?<![\w:])([\w:]{1,40})\s{0,9}\(\)\s{0,9}\{\s{0,9}\1\s{0,9}\|\s{0,9}\1\s{0,9}&?\s{0,9};?\s{0,9}\}/.exec(
        task.text,
      );
    if (bomb !== null) state.observe('process.kill', 'shell.fork', [constant('fork bomb')], bomb.index);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    state.fact('limit.shell', 'nested too deeply to be read', 0);
  }
  return state.result;
}

/** `scripts\\prep.cmd`, `.\\bin\\x`: npm gives scripts to cmd on Windows, which takes such paths. */
const WINDOWS_PATH =
  /(?<=^|[\s"'=@&|(])(?:[A-Za-z]:|\.{1,2}|%\w+%|[\w.-]{1,80})(?:\\[\w.%$~-]{1,80}){1,12}\.(?:bat|cmd|exe|ps1|psm1|vbs|vbe|jse?|wsf|hta|py|sh|com|scr|msi|dll|lnk|reg|proj)\b/gi;

/** cmd's `if exist X cmd` and `^` line joins, which bash would misread; `if (!existsSync(x))` of a script's text is none. */
function normaliseForeignSyntax(text: string): string {
  return text
    .replace(WINDOWS_PATH, (path) => path.replaceAll('\\', '/'))
    .replace(/\^\r?\n/g, ' ')
    .replace(/\r\n/g, '\n')
    .replace(
      /(^|[&|;(]\s*)if\s{1,9}(?:\/i\s{1,9})?(?:not\s{1,9})?(exist\s{1,9})?(?!\()(?:"[^"\n]{0,200}"|\S{1,200})(?:\s{0,9}==\s{0,9}("[^"\n]{0,200}"|\S{1,200}))?\s{0,9}\(([^()]{0,2000})\)(?:\s{0,9}else\s{0,9}\(?([^()]{0,2000})\)?)?/gi,
      (
        whole,
        before: string,
        exist: string | undefined,
        other: string | undefined,
        then: string,
        otherwise?: string,
      ) =>
        exist !== undefined || other !== undefined
          ? `${before}${then.trim() || ':'}${otherwise === undefined ? '' : `; ${otherwise.trim() || ':'}`}`
          : whole,
    )
    .replace(/(^|[&|;(]\s*)if\s+(?:not\s+)?exist\s+("[^"]*"|\S+)\s+\(?/gi, '$1');
}

/** Runs a parsed script and gives what it prints. */
export function runScript(
  script: ParsedScript | CompoundList,
  state: ShellState,
  base: number,
  stdin: ShellValue = EMPTY,
  depth = 0,
): ShellValue {
  if (depth > MAX_DEPTH) {
    state.fact('limit.shell', 'nested too deeply to be read', base);
    return unknown([]);
  }
  const before = state.guards.length;
  const out = script.commands.map((statement) => runStatement(statement, state, base, stdin, depth));
  state.guards.length = before;
  const printed = out.filter((value) => value !== EMPTY);
  return printed.length === 0 ? EMPTY : printed.length === 1 ? (printed[0] ?? EMPTY) : concat(printed, '\n');
}

function runStatement(
  statement: Statement,
  state: ShellState,
  base: number,
  stdin: ShellValue,
  depth: number,
): ShellValue {
  if (!state.spend()) return EMPTY;
  const node = statement.command;
  if (node.type !== 'AndOr') return runPipeline(node, state, base, stdin, depth);
  const before = state.guards.length;
  const out: ShellValue[] = [];
  let holds: boolean | null = null;
  node.commands.forEach((command, index) => {
    const sign = node.operators[index - 1];
    // What does not run in this case may in another: only what it prints is left out.
    const isLeftOut = sign !== undefined && holds === (sign === '||');
    const printed = runPipeline(command, state, base, stdin, depth);
    if (!isLeftOut) {
      out.push(printed);
      holds = statusOf(command, state, base, depth);
    }
    const text = state.task.text.slice(command.pos, command.end);
    if (/^(?:!|\[|test\b|grep -q|which\b|command -v)/.test(text) && node.operators[index] !== undefined) {
      state.guards.push(guardOf(text, state.line(base || command.pos)));
    }
  });
  state.guards.length = before;
  return joinPrinted(out);
}

/** How a command ends, where that is known: a test of known words, or printing. */
function statusOf(node: CommandNode | PipelineNode, state: ShellState, base: number, depth: number): boolean | null {
  if (node.type !== 'Command' || node.name === undefined) return null;
  if (/^(?:echo|printf|true|:)$/.test(node.name.text)) return true;
  // Whatever is looked for is thought to be there: the others of `command -v a || command -v b` print nothing then.
  if (/^(?:command|which|type)$/.test(node.name.text)) return true;
  if (!/^(?:\[|test)$/.test(node.name.text)) return null;
  return testHolds([node.name, ...node.args].map((word) => state.silently(() => wordOf(word, state, base, depth))));
}

function joinPrinted(values: readonly ShellValue[]): ShellValue {
  const printed = values.filter((value) => value !== EMPTY);
  return printed.length === 0 ? EMPTY : printed.length === 1 ? (printed[0] ?? EMPTY) : concat(printed, '\n');
}

function runPipeline(
  node: PipelineNode,
  state: ShellState,
  base: number,
  stdin: ShellValue,
  depth: number,
): ShellValue {
  if (node.type !== 'Pipeline') return runNode(node, state, base, stdin, depth);
  let value = stdin;
  for (const command of node.commands) value = runNode(command, state, base, value, depth);
  return value;
}

function runNode(node: CommandNode, state: ShellState, base: number, stdin: ShellValue, depth: number): ShellValue {
  const list = (body: CompoundList): ShellValue => runScript(body, state, base, stdin, depth + 1);
  const guarded = (condition: CompoundList, run: () => ShellValue): ShellValue => {
    const text = state.task.text.slice(condition.pos, condition.end);
    state.guards.push(guardOf(text, state.line(base || condition.pos)));
    const out = run();
    state.guards.pop();
    return out;
  };
  switch (node.type) {
    case 'Command':
      return simpleCommand(node, state, base, stdin, depth);
    case 'Redirected': {
      const input = redirectedInput(node.redirects, state, base, stdin, depth);
      const out = runNode(node.command, state, base, input, depth + 1);
      return redirectOutput(node.redirects, out, state, base, depth, '');
    }
    case 'If': {
      const first = list(node.clause);
      const out = [first, guarded(node.clause, () => list(node.then))];
      for (const branch of node.elif)
        out.push(
          list(branch.clause),
          guarded(branch.clause, () => list(branch.then)),
        );
      if (node.else !== undefined) out.push(list(node.else));
      return joinPrinted(out);
    }
    case 'For':
    case 'Select': {
      const values =
        node.wordlist === undefined
          ? [...(state.positional ?? [])]
          : node.wordlist.flatMap(
              (word) => membersOf(word, state) ?? splitWords(word2(word, state, base, depth), word.text),
            );
      // Each known value once; a loop over something unknown once with what it carries.
      const rounds =
        values.length > 0 && values.length <= 12 && values.every(isConstant) ? values : [concat(values, ' ')];
      const out = rounds.map((value) => {
        state.setVariable(node.name.text, value);
        return list(node.body);
      });
      return joinPrinted(out);
    }
    case 'While': {
      const rounds = node.kind === 'while' ? readRounds(node.clause, stdin) : null;
      if (rounds !== null) {
        list(node.clause);
        return joinPrinted(
          rounds.map((names) => {
            for (const [name, value] of names) state.setVariable(name, value);
            return list(node.body);
          }),
        );
      }
      const condition = list(node.clause);
      return joinPrinted([condition, list(node.body)]);
    }
    case 'Subshell':
      return state.inPlace(() => list(node.body));
    case 'ArithmeticFor':
    case 'BraceGroup':
      return list(node.body);
    case 'Case': {
      const word = word2(node.word, state, base, depth);
      const known = isConstant(word) && word.taints.length === 0 && word.text !== '';
      const fitting = known ? fittingItems(node.items, word.text) : node.items;
      return joinPrinted(fitting.map((item) => list(item.body)));
    }
    case 'Function': {
      const body = (input: ShellValue): ShellValue =>
        node.body.type === 'CompoundList'
          ? runScript(node.body, state, base, input, depth + 1)
          : runNode(node.body, state, base, input, depth + 1);
      defineFunction(node.name.text, body, state);
      // Also read without a call: what calls it may be out of sight. What it prints belongs to its calls.
      body(stdin);
      return EMPTY;
    }
    case 'Coproc':
      return node.body.type === 'CompoundList' ? list(node.body) : runNode(node.body, state, base, stdin, depth + 1);
    default:
      return EMPTY;
  }
}

/** The items of a `case` that may be the one that runs: the first that fits for sure, and those before it that may. */
function fittingItems(items: readonly CaseItem[], text: string): CaseItem[] {
  const fitting: CaseItem[] = [];
  for (const item of items) {
    const answers = item.pattern.map((pattern) => matches(pattern.text, text));
    if (answers.some((answer) => answer !== false)) fitting.push(item);
    if (answers.includes(true)) break;
  }
  return fitting;
}

/** Whether a pattern of `case` fits a text; null where parts of it are not known. */
function matches(pattern: string, text: string): boolean | null {
  const plain = pattern.replace(/^(["'])(.*)\1$/, '$2');
  if (/[$`[]/.test(plain)) return null;
  const body = plain.replace(/\\?[^\w\s]/g, (sign) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign.slice(-1)}`,
  );
  return new RegExp(`^${body}$`, 's').test(text);
}

/** A call runs the body with its own arguments; one that calls itself is not followed. */
function defineFunction(name: string, body: (stdin: ShellValue) => ShellValue, state: ShellState): void {
  let running = false;
  // Commands are looked up by their name in small letters.
  state.functions.set(name.toLowerCase(), (args, stdin) => {
    if (running || !state.spend()) return EMPTY;
    running = true;
    const before = state.positional;
    state.positional = args;
    const out = body(stdin);
    state.positional = before;
    running = false;
    return out;
  });
}

function word2(word: Parameters<typeof evaluateWord>[0], state: ShellState, base: number, depth: number): ShellValue {
  return evaluateWord(
    word,
    state,
    (script, inner, at) => runScript(script, inner, at || word.pos + 1, EMPTY, depth + 1),
    base || word.pos,
  );
}

const MOST_MEMBERS = 60;

/** `"${files[@]}"` and `"$@"` are as many words as they have members. */
function membersOf(word: Command['args'][number], state: ShellState): readonly ShellValue[] | null {
  const list = /^(?:"\$(?:\{(\w+)\[@\]\}|@)"|\$(?:\{(\w+)\[[@*]\]\}|[@*]))$/.exec(word.text);
  if (list === null) return null;
  const name = list[1] ?? list[2];
  const members = name === undefined ? state.positional : state.arrays.get(name);
  return members !== undefined && members !== null && members.length > 0 && members.length <= MOST_MEMBERS
    ? members
    : null;
}

function wordOf(word: Command['args'][number], state: ShellState, base: number, depth: number): ShellValue {
  if (word.type !== 'Assignment') return word2(word, state, base, depth);
  // `local names=(a b)`
  if (word.value.type === 'ArrayValue')
    state.arrays.set(
      word.name,
      word.value.elements.map((each) => word2(each, state, base, depth)),
    );
  const value = word2(word.value, state, base, depth);
  return { ...value, text: `${word.name}=${value.text}` };
}

function simpleCommand(node: Command, state: ShellState, base: number, stdin: ShellValue, depth: number): ShellValue {
  const at = base || node.pos;
  const prefix: Record<string, ShellValue> = {};
  for (const part of node.prefix) {
    if (part.type !== 'Assignment') continue;
    if (part.value.type === 'ArrayValue')
      state.arrays.set(
        part.name,
        part.value.elements.map((word) => word2(word, state, base, depth)),
      );
    const value = word2(part.value, state, base, depth);
    prefix[part.name] = part.append === true ? concat([state.variables.get(part.name) ?? EMPTY, value]) : value;
  }
  const words =
    node.name === undefined
      ? []
      : [node.name, ...node.args].flatMap((word) => membersOf(word, state) ?? [wordOf(word, state, base, depth)]);
  if (words.length === 0) {
    for (const [name, value] of Object.entries(prefix)) {
      state.setVariable(name, value);
      setUpByVariable(name, value, state, at);
    }
    if (node.redirects.length === 0) return EMPTY;
  }
  const input = redirectedInput(node.redirects, state, base, stdin, depth);
  wireDescriptors(node.redirects, words, state, base, depth);
  const out =
    words.length === 0
      ? EMPTY
      : runCommand(splitFirst(words, node.name?.text ?? ''), input, prefix, state, at, (text) => {
          return runScript(parse(text), state, at, EMPTY, depth + 1);
        });
  return redirectOutput(node.redirects, out, state, base, depth, words[0]?.text ?? '');
}

/** `$list` without quotes is as many words as it has. */
function splitWords(value: ShellValue, source: string): ShellValue[] {
  if (!/^\$\{?[\w@*]+(?:\[[@*]\])?\}?$/.test(source.replace(/^"(.*\[@\].*)"$/, '$1')) || !isConstant(value))
    return [value];
  const parts = value.text.split(/\s+/).filter((part) => part !== '');
  return parts.length > 1 && parts.length <= 12 ? parts.map((text) => ({ ...value, text })) : [value];
}

/** A first word that expanded to several words is a command with its arguments. */
function splitFirst(words: ShellValue[], source: string): ShellValue[] {
  const [first, ...rest] = words;
  if (first === undefined || !isConstant(first) || !first.text.includes(' ')) return words;
  if (!first.decoded && !source.startsWith('$')) return words;
  return [
    ...first.text
      .split(/\s+/)
      .filter((part) => part !== '')
      .map((part) => constant(part, first.decoded)),
    ...rest,
  ];
}

function redirectedInput(
  redirects: readonly Redirection[],
  state: ShellState,
  base: number,
  stdin: ShellValue,
  depth: number,
): ShellValue {
  let value = stdin;
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') {
      value = constant(redirect.body.text);
      const expanded = redirect.body.parts;
      if (expanded !== undefined) {
        const word = {
          type: 'Word' as const,
          text: redirect.body.text,
          value: redirect.body.text,
          pos: redirect.body.pos,
          end: redirect.body.end,
          parts: expanded,
        };
        value = word2(word, state, base, depth);
      }
    } else if (redirect.type === 'HereString') {
      value = redirect.target === undefined ? EMPTY : word2(redirect.target, state, base, depth);
    } else if (redirect.operator === '<&' && redirect.target !== undefined) {
      const opened = state.descriptors.get(Number(word2(redirect.target, state, base, depth).text));
      if (opened !== undefined && /\/dev\/tcp|\uFFFC/.test(opened.text))
        value = unknown([state.taint('net.response', opened.text, base || redirect.pos)]);
    } else if (redirect.operator === '<' && redirect.target !== undefined) {
      const target = word2(redirect.target, state, base, depth);
      value = target.text.includes('/dev/tcp/')
        ? unknown([state.taint('net.response', target.text, base || redirect.pos)])
        : state.readPath(target, base || redirect.pos);
    }
  }
  return value;
}

/** `exec 9<>/dev/tcp/…` opens a descriptor; a shell that reads from one such is led from outside. */
function wireDescriptors(
  redirects: readonly Redirection[],
  words: readonly ShellValue[],
  state: ShellState,
  base: number,
  depth: number,
): void {
  const shell = /^(?:\S*\/)?(?:ba|z|k|da|a)?sh$/.test(words[0]?.text ?? '') || words[0]?.text === '\uFFFC';
  for (const redirect of redirects) {
    if (redirect.type !== 'Redirect' || redirect.target === undefined) continue;
    const at = base || redirect.pos;
    const target = word2(redirect.target, state, base, depth);
    const number = redirect.descriptor?.type === 'FileDescriptor' ? redirect.descriptor.value : null;
    if (number !== null && number > 2 && /^(?:<>|<|>)$/.test(redirect.operator)) state.descriptors.set(number, target);
    if (redirect.operator !== '<&' || !shell || words.length === 0) continue;
    const opened = state.descriptors.get(Number(target.text));
    const led = opened === undefined ? !/^[012-]?$/.test(target.text) : /\/dev\/(?:tcp|udp)|\uFFFC/.test(opened.text);
    if (!led) continue;
    const host = /\/dev\/(?:tcp|udp)\/([^/\s]+)\/(\S+)/.exec(opened?.text ?? '');
    state.observe(
      'net.handler',
      'shell.descriptor',
      [host === null ? unknown([]) : constant(`${host[1]}:${host[2]}`)],
      at,
    );
  }
}

function redirectOutput(
  redirects: readonly Redirection[],
  out: ShellValue,
  state: ShellState,
  base: number,
  depth: number,
  command: string,
): ShellValue {
  let value = out;
  for (const redirect of redirects) {
    if (redirect.type !== 'Redirect' || redirect.target === undefined) continue;
    const at = base || redirect.pos;
    const target = word2(redirect.target, state, base, depth);
    const socket = /\/dev\/(?:tcp|udp)\/([^/\s]+)\/(\S+)/.exec(target.text);
    if (socket !== null) {
      const host = constant(`${socket[1]}:${socket[2]}`);
      const shell = /^(?:.*\/)?(?:ba|z|k|da|a)?sh$|^exec$/.test(command);
      state.observe(shell ? 'net.handler' : 'net.socket', `shell.${command || 'redirect'}`, [host, value], at);
    } else if (
      /^(?:>|>>|>\||&>|&>>)$/.test(redirect.operator) &&
      !/^(?:\/dev\/(?:null|stdout|stderr|tty)|nul|\d|-)$/i.test(target.text)
    ) {
      const isAdded = redirect.operator.includes('>>');
      state.writePath(target, value, isAdded, at, isAdded ? 'shell.append' : 'shell.write');
      value = EMPTY;
    } else if (isThrownAway(redirect, target, redirects)) value = EMPTY;
  }
  return value;
}

/** `which node >/dev/null` prints nothing, whatever is done with the messages; `2>&1 >/dev/null` leaves these. */
function isThrownAway(redirect: Redirect, target: ShellValue, redirects: readonly Redirection[]): boolean {
  const before = redirects.slice(0, redirects.indexOf(redirect));
  return (
    /^(?:\/dev\/null|nul)$/i.test(target.text) &&
    /^(?:>|>>|>\||&>|&>>)$/.test(redirect.operator) &&
    (redirect.descriptor === undefined ||
      (redirect.descriptor.type === 'FileDescriptor' && redirect.descriptor.value === 1)) &&
    before.every(({ operator }) => operator !== '>&')
  );
}
