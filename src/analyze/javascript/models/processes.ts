import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, HOLE, knownText, text, UNDEFINED, unknown } from '../interpreter/value.js';
import { isAbsolute } from '../modules/paths.js';
import { type Call, eachText, type Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { commandLine } from '../outside/sink-facts.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { outputOf } from './async.js';
import { runCode } from './code.js';
import { writtenCode } from './requiring.js';

/** Taints of what a command prints. */
export function outputTaints(I: Interpreter, call: Call): Taints {
  const calls = eachText(call);
  if (calls.length > 1) {
    let all: Taints = null;
    for (const each of calls) all = joinTaints(all, outputTaints(I, each));
    return all;
  }
  const line = commandLine(call);
  const found = line === null ? null : matchSource(I.models.commands, line);
  let taints = I.source('process.output', line?.slice(0, 120) ?? '?', call.node, call.frame.file);
  if (found !== null && line !== null)
    taints = joinTaints(I.source(found.source, line.slice(0, 120), call.node, call.frame.file), taints);
  if (line !== null && /\b(curl|wget|iwr|invoke-webrequest|invoke-restmethod)\b/i.test(line))
    taints = joinTaints(I.source('net.response', line.slice(0, 120), call.node, call.frame.file), taints);
  return taints;
}

/** Starting a child: what it prints carries the taint of the command. */
export const runCommand: Model = (I, call) => {
  const taints = outputTaints(I, call);
  const done = call.args.find((each) => each.kind === 'func');
  if (done !== undefined)
    I.later(
      () =>
        void callFunction(I, done, UNDEFINED, [unknown(null), unknown(taints), unknown(null)], call.node, call.frame),
    );
  for (const each of eachText(call)) runWritten(I, each);
  if (/Sync$/.test(call.path) && !call.path.endsWith('spawnSync')) return unknown(taints);
  if (call.path.endsWith('spawnSync')) return outputOf(I, unknown(taints));
  const child = new Api(`${call.path}()`);
  child.taints = taints;
  child.target = commandLine(call);
  child.props.set('stdout', streamOf(child, 'stdout'));
  child.props.set('stderr', streamOf(child, 'stderr'));
  return child;
};

function streamOf(child: Api, name: string): Api {
  const stream = new Api(`${child.path}.${name}`);
  stream.taints = child.taints;
  stream.target = child.target;
  return stream;
}

/** Starting a file that this code wrote: what was written flows into the process. */
function runWritten(I: Interpreter, call: Call): void {
  const line = commandLine(call);
  if (line === null) return;
  const shown = line.replaceAll('\\', '/');
  for (const [path, content] of I.written) {
    if (path.length < 2 || !shown.includes(path.startsWith('./') ? path.slice(2) : path)) continue;
    const taints = deepTaints(content);
    const command = argumentFact(I, text(line, taints));
    // What is handed a file does not come from where the file does.
    if (line.startsWith(HOLE) && !line.startsWith(path)) command.programTaints = [];
    observe(I, {
      sink: 'process.spawn',
      api: call.path,
      target: line,
      args: [command, argumentFact(I, content)],
      taints,
      node: call.node,
      frame: call.frame,
    });
    const code = writtenCode(content);
    if (code !== null && /\.[cm]?js\b|\bnode\b/.test(line)) runCode(I, code, call, null);
  }
}

/** `fork(file)` of an own file: the child runs it. */
export const fork: Model = (I, call) => {
  const name = knownText(call.args[0]);
  const path =
    name === null
      ? null
      : I.loader.resolve(isAbsolute(name) || name.startsWith('.') ? name : `./${name}`, call.frame.file);
  if (path !== null) I.later(() => void I.loader.requireFile(I, path));
  return runCommand(I, call);
};
