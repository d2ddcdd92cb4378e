import { callFunction, construct } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { getProperty } from '../interpreter/properties.js';
import { Api, alternatives, Func, Future, Obj, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';

/** Calls by which frameworks for command lines are given their commands: yargs, citty, cac, clipanion, cmd-ts, gluegun. */
const TAKES_COMMANDS =
  /(?:^|[.()])(?:command|commands|register|defineCommand|runMain|subcommands|binary|addCommand|use)$|\bCli\.from$/;
const RUNS = ['handler', 'run', 'execute', 'action', 'main', 'setup', 'builder', 'fn'];
const HOLDS = ['subCommands', 'subcommands', 'commands', 'cmds'];
const DEEPEST = 3;
const MOST = 60;

/** Calls what a command's object runs, as the framework that gets it does. */
export function commandObjects(I: Interpreter, call: Call): void {
  if (I.entry.phase !== 'bin' || !TAKES_COMMANDS.test(call.path)) return;
  for (const each of call.args) runCommandOf(I, call, each, DEEPEST);
}

function runCommandOf(I: Interpreter, call: Call, value: Value, depth: number): void {
  if (depth === 0) return;
  for (const each of alternatives(value)) {
    if (each instanceof Future) I.whenSettled(each, (inner) => runCommandOf(I, call, inner, depth));
    else if (each instanceof Func && each.isClass) runMethods(I, call, construct(I, each, [], call.node, call.frame));
    else if (each instanceof Obj && !(each instanceof Api) && each.kind === 'obj') runParts(I, call, each, depth);
  }
}

function runParts(I: Interpreter, call: Call, command: Obj, depth: number): void {
  if (command.elements !== null) {
    for (const each of command.elements.slice(0, MOST)) runCommandOf(I, call, each, depth - 1);
    return;
  }
  const inner = command.own('default');
  if (inner !== undefined && inner.kind !== 'accessor') runCommandOf(I, call, inner, depth - 1);
  runMethods(I, call, command);
  for (const name of HOLDS) {
    const held = command.own(name);
    if (!(held instanceof Obj)) continue;
    for (const slot of [...held.props.values(), ...(held.elements ?? [])].slice(0, MOST)) {
      if (slot.kind === 'accessor') continue;
      // Loaded when it is asked for: `() => import('../deploy')`.
      const isLazy = slot instanceof Func && !slot.isClass;
      const made = isLazy ? callFunction(I, slot, UNDEFINED, [], call.node, call.frame) : slot;
      runCommandOf(I, call, made, depth - 1);
    }
  }
}

function runMethods(I: Interpreter, call: Call, command: Value): void {
  if (!(command instanceof Obj)) return;
  for (const name of RUNS) {
    const method = getProperty(I, command, name, call.node, call.frame);
    if (method instanceof Func)
      I.later(() => void callFunction(I, method, command, [unknown(null), unknown(null)], call.node, call.frame));
  }
}
