import { deepTaints } from '../taint/inner-taints.js';
import type { Interpreter } from './interpreter.js';
import { alternatives, join, type Value } from './value.js';

/** Variables by which every child is made to load or run something. */
export const LOADING_VARIABLES: readonly string[] = [
  'NODE_OPTIONS',
  'npm_config_node_options',
  'BASH_ENV',
  'ENV',
  'PROMPT_COMMAND',
  'PYTHONSTARTUP',
  'PYTHONPATH',
  'PERL5OPT',
  'RUBYOPT',
  'LD_PRELOAD',
  'DYLD_INSERT_LIBRARIES',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'SSH_ASKPASS',
  'SUDO_ASKPASS',
];

/** Keeps what a variable of the environment is given, where it carries something: whoever reads it later gets that. */
export function variableWritten(I: Interpreter, name: string, value: Value): void {
  const carries = deepTaints(value)?.some(({ source, detail }) => !(source.startsWith('env.') && detail === name));
  if (
    carries !== true &&
    !LOADING_VARIABLES.includes(name) &&
    !alternatives(value).some((each) => each.kind === 'prim' && each.decoded)
  )
    return;
  const before = I.globals.get(place(name));
  I.globals.set(place(name), before === undefined ? value : join(before, value));
}

/** What the sample put into a variable of the environment. */
export function writtenVariable(I: Interpreter, name: string): Value | undefined {
  return I.globals.get(place(name));
}

function place(name: string): string {
  return `@process.env.${name}`;
}
