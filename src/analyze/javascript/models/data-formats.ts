import { parseYaml } from '../../../yaml-text.js';
import { callFunction } from '../interpreter/calls.js';
import { readOut } from '../interpreter/implicit-calls.js';
import { fromJson, fromPlain, toJson } from '../interpreter/json-value.js';
import { throwTypeError } from '../interpreter/properties.js';
import {
  Api,
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
} from '../interpreter/value.js';
import type { Model } from '../outside/api-calls.js';
import { handedOver } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints, transformed } from '../taint/taint.js';

const stringify: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  const shownByItself = readOut(I, value, call.node, call.frame);
  const replacer = call.args[1];
  let put: Taints = null;
  if (replacer?.kind === 'func')
    I.maybe(() => {
      const args = [unknown(null), unknown(deepTaints(value, 3))];
      put = handedOver(I, callFunction(I, replacer, value, args, call.node, call.frame), call.node, call.frame);
    });
  const step = (note: string) => I.at(call.node, call.frame.file, 'step', note);
  const carried = joinTaints(handedOver(I, value, call.node, call.frame), deepTaints(value, 6));
  const inJson = transformed(joinTaints(shownByItself, joinTaints(carried, put)), 'json', step('JSON.stringify'));
  // A text alone becomes a literal of JavaScript, out of which nothing that it says can break.
  const isText = !(value instanceof Obj) || value instanceof Api;
  const taints = isText ? transformed(inJson, 'quoted', step('as a literal')) : inJson;
  if (value instanceof Api || value.kind === 'unknown') return unknown(taints);
  const shown = toJson(value);
  if (shown === undefined) return value.kind === 'func' || value.kind === 'prim' ? UNDEFINED : unknown(taints);
  return shown.includes(HOLE) || shown.length > 1_000_000 ? text(shown.slice(0, 100_000), taints) : prim(shown, taints);
};

function unquoted(taints: Taints): Taints {
  return taints?.map((flow) => ({ ...flow, through: flow.through.filter((step) => step !== 'quoted') })) ?? null;
}

const parse: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  const shown = constantText(value) ?? (value instanceof Bytes ? knownText(value) : null);
  const parsed = shown === null ? null : fromJson(I, shown, value.taints);
  if (parsed === null && shown !== null && shown.length < 100_000) throwTypeError(I, 'Unexpected token in JSON');
  if (parsed === null) I.mayThrow++;
  const result = parsed ?? unknown(unquoted(value.taints));
  const reviver = call.args[1];
  if (reviver?.kind !== 'func') return result;
  // Whatever the text holds goes through the reviver, part by part.
  const way = I.branch(() =>
    callFunction(I, reviver, UNDEFINED, [unknown(value.taints), result], call.node, call.frame),
  );
  I.journals.merge([way.changes], true);
  return way.result === null ? result : join(result, way.result);
};

/** Writers of other formats: what they give is read as what JSON gives, which YAML takes as it is. */
const WRITERS = [
  'yaml.stringify',
  'js-yaml.dump',
  'js-yaml.safeDump',
  'yamljs.stringify',
  'json5.stringify',
  'json-stable-stringify',
  'safe-stable-stringify',
  'fast-safe-stringify',
  'fast-json-stable-stringify',
];
const YAML_READERS = ['yaml.parse', 'js-yaml.load', 'js-yaml.safeLoad', 'yamljs.parse', 'yamljs.load'];
const JSON_READERS = ['json5.parse', 'jsonc-parser.parse', 'comment-json.parse', 'strip-json-comments'];
const LONGEST_YAML = 200_000;

/** What YAML of the package itself says. */
const parsedYaml: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  const shown = constantText(value) ?? (value instanceof Bytes ? knownText(value) : null);
  const taints = deepTaints(value);
  if (shown === null || shown.length > LONGEST_YAML) return unknown(taints);
  try {
    return fromPlain(I, parseYaml(shown), taints, 0);
  } catch {
    return unknown(taints);
  }
};

/** Models of JSON, and of the libraries that write and read YAML and JSON's kin. */
export const DATA_FORMATS: [string, Model][] = [
  ['JSON.stringify', stringify],
  ['JSON.parse', parse],
  ...WRITERS.map((path): [string, Model] => [path, stringify]),
  ...YAML_READERS.map((path): [string, Model] => [path, parsedYaml]),
  ...JSON_READERS.map((path): [string, Model] => [path, parse]),
];
