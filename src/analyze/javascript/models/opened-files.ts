import { callFunction } from '../interpreter/calls.js';
import { Api, text, UNDEFINED, unknown } from '../interpreter/value.js';
import type { Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';

/** `fs.writeSync(fd, …)`: into the file that was opened. */
const descriptorWrite: Model = (I, call) => {
  const [fd, content] = call.args;
  const callback = call.args.find((each) => each.kind === 'func');
  if (callback !== undefined)
    I.later(() => void callFunction(I, callback, UNDEFINED, [unknown(null), unknown(null)], call.node, call.frame));
  if (!(fd instanceof Api) || fd.target === null) return undefined;
  observe(I, {
    sink: 'fs.write',
    api: 'fs.open().write',
    target: fd.target,
    args: [
      argumentFact(I, text(fd.target, fd.targetTaints)),
      ...(content === undefined ? [] : [argumentFact(I, content)]),
    ],
    taints: joinTaints(content === undefined ? null : deepTaints(content, 1), fd.targetTaints),
    node: call.node,
    frame: call.frame,
  });
  return unknown(null);
};

/** Models of calls that name an open file by its descriptor. */
export const OPENED_FILES: [string, Model][] = [
  ...['write', 'writeSync', 'writev', 'writevSync', 'ftruncate', 'ftruncateSync'].map((name): [string, Model] => [
    `fs.${name}`,
    descriptorWrite,
  ]),
];
