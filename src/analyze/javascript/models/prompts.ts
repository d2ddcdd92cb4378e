import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, constantText, Func, knownText, Obj, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import type { Taints } from '../taint/taint.js';

const TYPED = 'typed.secret';

/** Kinds of questions whose answer is not shown. */
const HIDDEN = /^(?:password|invisible|secret)$/i;
const SECRET_NAME =
  /pass(?:word|phrase|wd|code)?$|^pwd$|\botp\b|one[-_ ]?time|2fa|mfa|\bpin\b|secret|token|mnemonic|seed|recovery|private[-_ ]?key|api[-_ ]?key/i;

function fieldOf(question: Obj, name: string): Value | undefined {
  const slot = question.own(name);
  return slot === undefined || slot.kind === 'accessor' ? undefined : slot;
}

function isSet(question: Obj, name: string): boolean {
  const value = fieldOf(question, name);
  return value !== undefined && !(value.kind === 'prim' && (value.value === false || value.value === undefined));
}

/** What a question asks for, where it is something that nobody should see. */
function secretOf(question: Obj): string | null {
  const name = knownText(fieldOf(question, 'name')) ?? knownText(fieldOf(question, 'message')) ?? '?';
  const isHidden =
    HIDDEN.test(constantText(fieldOf(question, 'type')) ?? '') ||
    ['mask', 'silent', 'hideEchoBack', 'hidden', 'noEchoBack'].some((option) => isSet(question, option));
  return isHidden || SECRET_NAME.test(name) ? name : null;
}

/** A question that says that something is sent, so that its answer is leave to do so. */
const SENDS = /\b(?:send|share|upload|submit|transmit|report|post)(?:ing|ed)?\b/i;

function leave(I: Interpreter, call: Call, shown: string | null | undefined): Taints {
  return shown !== null && shown !== undefined && SENDS.test(shown)
    ? I.source('mark.consent', shown.slice(0, 80), call.node, call.frame.file)
    : null;
}

function typed(I: Interpreter, call: Call, name: string): Taints {
  return I.source(TYPED, name, call.node, call.frame.file);
}

/** `prompt([{ name, type: 'password' }, …])`: an answer for each question, by its name. */
const answers: Model = (I, call) => {
  const [asked] = call.args;
  if (!(asked instanceof Obj)) return undefined;
  const questions = (asked.elements ?? [asked]).filter((each) => each instanceof Obj);
  const asks = (each: Obj) => secretOf(each) !== null || SENDS.test(knownText(fieldOf(each, 'message')) ?? '');
  if (!questions.some(asks)) return undefined;
  const given = I.object();
  given.rest = unknown(null);
  for (const each of questions) {
    const key = constantText(fieldOf(each, 'name'));
    const secret = secretOf(each);
    if (key !== null)
      given.props.set(
        key,
        unknown(secret === null ? leave(I, call, knownText(fieldOf(each, 'message'))) : typed(I, call, key)),
      );
  }
  return I.settled(given);
};

/** `group({ password: () => password() })`: what each function gives, by its name. */
const group: Model = (I, call) => {
  const [asked] = call.args;
  if (!(asked instanceof Obj) || asked instanceof Func) return undefined;
  const given = I.object();
  given.rest = unknown(null);
  for (const [key, slot] of asked.props) {
    if (!(slot instanceof Func)) continue;
    const results = I.object();
    results.props.set('results', given);
    const answer = callFunction(I, slot, UNDEFINED, [results], call.node, call.frame);
    given.props.set(key, unknown(answer.taints));
  }
  return I.settled(given);
};

function leaveOf(I: Interpreter, call: Call, options: readonly Obj[], texts: readonly string[]): Taints {
  return leave(
    I,
    call,
    [...options.map((each) => knownText(fieldOf(each, 'message'))), ...texts].find((each) => each),
  );
}

/** `confirm({ message: 'Send it?' })`: yes or no. */
const confirmed: Model = (I, call) => {
  const options = call.args.filter((each) => each instanceof Obj && !(each instanceof Func)) as Obj[];
  const answer = leaveOf(
    I,
    call,
    options,
    call.args.map((each) => knownText(each) ?? ''),
  );
  if (answer === null) return undefined;
  return SYNCHRONOUS.test(call.path) ? unknown(answer) : I.settled(unknown(answer));
};

const SYNCHRONOUS = /Sync|-sync/;

/** One question: its text, or its options, say what it asks for. */
const question: Model = (I, call) => {
  const texts = call.args.map((each) => knownText(each) ?? '');
  const options = call.args.filter((each) => each instanceof Obj && !(each instanceof Func)) as Obj[];
  const name =
    options.map(secretOf).find((each) => each !== null) ??
    texts.find((each) => SECRET_NAME.test(each.replace(/[\s:?>]+$/, '')));
  const shown = texts[0] || (shownLast.get(I) ?? 'nothing shown');
  const taints =
    name !== undefined && name !== null
      ? typed(I, call, name)
      : (leaveOf(I, call, options, texts) ?? (isMuted(I, call.self) ? typed(I, call, shown) : null));
  const done = call.args.find((each) => each instanceof Func);
  if (taints === null) {
    // Often only silenced once the question stands there.
    if (done instanceof Func && call.self instanceof Api) {
      I.later(() => {
        if (isMuted(I, call.self)) answer(I, call, done, typed(I, call, shown));
      });
    }
    return undefined;
  }
  if (done instanceof Func) {
    I.later(() => answer(I, call, done, taints));
    return undefined;
  }
  return SYNCHRONOUS.test(call.path) ? unknown(taints) : I.settled(unknown(taints));
};

function answer(I: Interpreter, call: Call, done: Func, taints: Taints): void {
  const given = unknown(taints);
  const isFirst = 'params' in done.node && done.node.params.length < 2;
  callFunction(I, done, UNDEFINED, isFirst ? [given] : [unknown(null), given], call.node, call.frame);
}

/** What was written last before an empty question: that is what was asked. */
const shownLast = new WeakMap<Interpreter, string>();

const noteWritten: Model = (I, { args: [shown] }) => {
  const text = shown === undefined ? null : knownText(shown)?.trim();
  if (text) shownLast.set(I, text.slice(0, 80));
  return undefined;
};

/** Packages that have a terminal whose output is their own, to keep back what is typed. */
const silenced = new WeakSet<Interpreter>();

/** Nothing of what is typed is shown: the echo is replaced, or goes to a stream that keeps it back. */
function isMuted(I: Interpreter, terminal: Value | null | undefined): boolean {
  return silenced.has(I) || (terminal instanceof Api && terminal.props.has('_writeToOutput'));
}

const noteOutput: Model = (I, call) => {
  const [options] = call.args;
  const output = options instanceof Obj ? fieldOf(options, 'output') : undefined;
  const isOwn =
    output instanceof Api ? /(?:Writable|MuteStream|mute-stream)(?:\(\))?$/.test(output.path) : output instanceof Obj;
  if (isOwn) silenced.add(I);
  return undefined;
};

/** What is always a secret. */
const hidden: Model = (I, call) => {
  const [asked] = call.args;
  const shown =
    asked instanceof Obj ? knownText(fieldOf(asked, 'message')) : asked === undefined ? null : knownText(asked);
  return I.settled(unknown(typed(I, call, shown ?? 'password')));
};

const each = (names: readonly string[], model: Model): [string, Model][] => names.map((name) => [name, model]);

/** Models of programs that ask at the terminal: what is typed where nothing is shown is a secret. */
export const PROMPTS: [string, Model][] = [
  ...each(
    ['inquirer.prompt', 'inquirer.default.prompt', 'enquirer.prompt', 'enquirer.default.prompt', 'enquirer().prompt'],
    answers,
  ),
  ...each(['prompts', 'prompts.default', 'prompts.prompt', 'inquirer.createPromptModule()'], answers),
  ...each(['@clack/prompts.group'], group),
  ...each(
    [
      '@inquirer/prompts.password',
      '@inquirer/password',
      '@clack/prompts.password',
      'password-prompt',
      'getpass.getPass',
    ],
    hidden,
  ),
  ...each(['enquirer.Password().run', 'enquirer.Invisible().run', 'enquirer.password', 'enquirer.invisible'], hidden),
  ...each(
    [
      '@inquirer/prompts.confirm',
      '@inquirer/confirm',
      '@clack/prompts.confirm',
      'enquirer.Confirm().run',
      'readline-sync.keyInYN',
      'readline-sync.keyInYNStrict',
    ],
    confirmed,
  ),
  ...each(
    ['read', 'read.read', 'readline-sync.question', 'readlineSync.question', 'prompt-sync()', 'prompt-sync().hide'],
    question,
  ),
  ...each(
    [
      'readline.createInterface().question',
      'readline/promises.createInterface().question',
      'readline.Interface().question',
    ],
    question,
  ),
  ...each(['process.stdout.write', 'process.stderr.write'], noteWritten),
  ...each(
    ['readline.createInterface', 'readline/promises.createInterface', 'readline.promises.createInterface'],
    noteOutput,
  ),
  ...each(['readline.promises.createInterface().question', 'terminal-kit.terminal.inputField'], question),
];
