import { dataText } from '../../data-urls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { MAIN_REPLACED } from '../interpreter/program-test.js';
import {
  Api,
  alternatives,
  Bytes,
  constantText,
  HOLE,
  join,
  knownText,
  Obj,
  prim,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { isAbsolute, ownPath, PROJECT, shownPath } from '../modules/paths.js';
import type { Call, Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { runCode } from './code.js';

/** `require` and `import()`: own files are entered, the world becomes an API value. */
export const requireModule: Model = (I, call) => {
  const spec = call.args[0] ?? UNDEFINED;
  const from = requirer(call);
  if (call.path === 'module._load' && call.args.length > 2) I.globals.set(MAIN_REPLACED, prim(true));
  const give = (value: Value) => (call.path === 'import()' ? I.settled(asNamespace(I, value)) : value);
  let out: Value | null = null;
  for (const each of alternatives(spec)) {
    const value = requireOne(I, call, each, from);
    out = out === null ? value : join(out, value);
  }
  return give(out ?? unknown(null));
};

function requirer(call: Call): string {
  const from = call.api.target ?? call.frame.file;
  return (from.includes('!') ? (from.split('!')[0] as string) : from).replace(/^file:\/\//, '');
}

function asNamespace(I: Interpreter, value: Value): Value {
  if (!(value instanceof Obj) || value instanceof Api || value.props.has('default')) return value;
  const namespace = I.object();
  namespace.props = new Map(value.props);
  namespace.props.set('default', value);
  namespace.rest = value.rest;
  return namespace;
}

function requireOne(I: Interpreter, call: Call, spec: Value, from: string): Value {
  const name = constantText(spec) ?? (spec.kind === 'text' ? spec.text : spec instanceof Obj ? knownText(spec) : null);
  if (name === null) {
    I.mayThrow++;
    return unknown(spec.taints);
  }
  if (name.startsWith('data:')) {
    // What is put into the address later, nobody can read now.
    const code = name.includes(HOLE) ? null : dataText(name);
    const whole = name.includes(HOLE) ? unknown(spec.taints) : prim(code ?? name, spec.taints, true);
    observe(I, {
      sink: 'code.eval',
      api: call.path,
      target: null,
      args: [argumentFact(I, whole)],
      taints: spec.taints,
      node: call.node,
      frame: call.frame,
    });
    if (code !== null) runCode(I, code, call, null);
    return unknown(spec.taints);
  }
  const written = I.written.get(shownPath(name, I.loader.root));
  // Of a file of data only what it says comes in.
  if (written !== undefined && name.endsWith('.json')) return unknown(deepTaints(written));
  if (written !== undefined) {
    observe(I, {
      sink: 'code.require',
      api: call.path,
      target: shownPath(name, I.loader.root),
      args: [argumentFact(I, spec)],
      taints: deepTaints(written),
      node: call.node,
      frame: call.frame,
    });
    const code = writtenCode(written);
    if (code !== null) runCode(I, code, call, null);
    return unknown(deepTaints(written));
  }
  if (spec.kind === 'text' && name.includes(HOLE)) return oneOfSome(I, name, from) ?? unknown(spec.taints);
  const path = I.loader.resolve(name, from);
  if (path !== null) {
    if (path.endsWith('.node')) {
      observe(I, {
        sink: 'code.native',
        api: call.path,
        target: `./${path}`,
        args: [argumentFact(I, prim(`./${path}`))],
        taints: null,
        node: call.node,
        frame: call.frame,
      });
      return unknown(null);
    }
    return I.loader.requireFile(I, path);
  }
  I.mayThrow++;
  if (name.startsWith('.') || isAbsolute(name)) return unknown(null);
  return I.loader.outside(I, name);
}

/** The text of a file that was written, where it is known as a whole. */
export function writtenCode(content: Value): string | null {
  if (content instanceof Bytes) return content.bytes === null ? null : knownText(content);
  return constantText(content);
}

/** The few own files that a partly known path may mean, as one value; null for none, and for more than that. */
function oneOfSome(I: Interpreter, name: string, from: string): Value | null {
  const paths = I.loader.matching(name, from);
  if (paths.length === 0 || paths.length > MOST_MATCHING) return null;
  return paths.map((path) => I.loader.requireFile(I, path)).reduce(join);
}

const MOST_MATCHING = 8;

/** A `require` of another place. */
export const createRequire: Model = (_I, call) => {
  const require = new Api('require');
  const from = knownText(call.args[0]);
  require.target = from === null ? call.frame.file : (ownPath(from, _I.loader.root) ?? call.frame.file);
  return require;
};

/** `require.resolve`. */
export const resolveModule: Model = (I, call) => {
  const name = constantText(call.args[0]);
  if (name === null) return unknown(argumentTaints(call.args));
  const path = I.loader.resolve(name, requirer(call));
  if (path !== null) return prim(`${I.loader.root}/${path}`);
  I.mayThrow++;
  const file = BARE_NAME.test(name) ? `${name}/index.js` : name;
  return text(`${PROJECT}/node_modules/${file}`, null);
};

const BARE_NAME = /^(?:@[^/@]+\/)?[^./@][^/]*$/;
