import type * as t from '@babel/types';
import { dataText } from '../../data-urls.js';
import { callFunction } from '../interpreter/calls.js';
import { type Frame, type Interpreter, topFrame } from '../interpreter/interpreter.js';
import { getProperty } from '../interpreter/properties.js';
import {
  Api,
  alternatives,
  constantText,
  HOLE,
  knownText,
  Native,
  Obj,
  prim,
  TrapApi,
  text,
  UNDEFINED,
  type Value,
} from '../interpreter/value.js';
import { argumentFact, observe } from '../outside/observe.js';

/** How files that a loader hook is given are named, so that what is read from them can be told from other files. */
const LOADED = `$LOADED/${HOLE}`;

/**
 * A function put into the module loader runs for every module from then on: it is called as the loader would, and what it gives back
 * as code is looked at.
 */
export function loaderHooked(I: Interpreter, path: string, value: Value, node: t.Node | null, frame: Frame): void {
  const place = PLACES.find(([pattern]) => pattern.test(path));
  if (place === undefined) return;
  const given = place[1](I, path.slice(path.lastIndexOf('.')));
  if (given === null) {
    const texts = value instanceof TrapApi ? [value.trap('0'), value.trap('1')] : wrapperTexts(value);
    for (const each of texts) injected(I, path, each, node, frame);
    return;
  }
  if (value.kind !== 'func') return;
  I.later(() => {
    const result = callFunction(I, value, new Api('module()'), given, node, frame);
    if (path.endsWith('.wrap')) injected(I, path, result, node, frame);
    else if (path.endsWith('_resolveFilename')) enterOwn(I, result);
  });
}

/** What the loader gives to the function at each place; null: a text stands there, no function. */
const PLACES: [RegExp, (I: Interpreter, last: string) => Value[] | null][] = [
  [/^(?:module\._extensions|require\.extensions)\.\./, (_I, last) => [loadedModule(), text(LOADED + last)]],
  [/^module\(\)\._compile$/, () => [sourceText(), text(`${LOADED}.js`)]],
  [/^module\.(?:prototype\.)?_compile$/, () => [sourceText(), text(`${LOADED}.js`)]],
  [/^module\.wrap$/, () => [sourceText()]],
  [/^module\.wrapper(?:\.[01])?$/, () => null],
  [
    /^module\.(?:prototype\.)?(?:_load|require|_resolveFilename|_resolveLookupPaths)$/,
    () => [UNKNOWN_SPEC, loadedModule(), prim(false)],
  ],
];

const UNKNOWN_SPEC = text(HOLE);

function sourceText(): Value {
  return { kind: 'text', text: HOLE, taints: null, decoded: false };
}

function loadedModule(): Api {
  const module = new Api('module()');
  module.target = LOADED;
  return module;
}

function wrapperTexts(value: Value): Value[] {
  if (value instanceof Obj && value.elements !== null) return value.elements;
  return value instanceof Obj ? [] : [value];
}

/** A file of the package that is given out in place of another. */
function enterOwn(I: Interpreter, result: Value): void {
  for (const each of alternatives(result)) {
    const path = constantText(each);
    const own = path === null ? null : I.loader.resolve(path, 'package.json');
    if (own !== null) I.later(() => void I.loader.requireFile(I, own));
  }
}

const WORTH = 24;

/** Code that a hook puts around the code of whatever is loaded: told as `code.inject`, and run as what it is. */
export function injected(I: Interpreter, api: string, value: Value, node: t.Node | null, frame: Frame): void {
  for (const each of alternatives(value)) {
    const shown = knownText(each) ?? HOLE;
    const worth = shown.replaceAll(HOLE, '').trim().length >= WORTH;
    if (!worth && each.taints === null) continue;
    const made = worth ? prim(shown.replaceAll(HOLE, ' '), each.taints) : each;
    observe(I, {
      sink: 'code.inject',
      api,
      target: null,
      args: [argumentFact(I, made)],
      taints: each.taints,
      node,
      frame,
    });
    if (!worth) continue;
    for (const code of [shown.replaceAll(HOLE, '\n'), ...shown.split(HOLE)])
      if (code.trim().length >= WORTH && runs(I, code, frame)) break;
  }
}

function runs(I: Interpreter, code: string, frame: Frame): boolean {
  return I.loader.runText(I, code, frame.file, null, null) !== null;
}

const HOOKS = ['initialize', 'resolve', 'load', 'globalPreload', 'getSource', 'transformSource'];

/** `module.registerHooks({ load, resolve })`, and the exports of a file given to `module.register`. */
export function hooksRegistered(I: Interpreter, hooks: Value, later: boolean, node: t.Node | null, frame: Frame): void {
  if (!(hooks instanceof Obj) || hooks instanceof Api) return;
  for (const name of HOOKS) {
    const hook = getProperty(I, hooks, name, node, frame);
    if (hook.kind !== 'func') continue;
    I.later(() => {
      const url = text(`file://${LOADED}.js`);
      const given =
        name === 'transformSource'
          ? [sourceText(), I.object(), nextHook(I, later)]
          : [url, I.object(), nextHook(I, later)];
      const result = callFunction(I, hook, UNDEFINED, name === 'initialize' ? [] : given, node, frame);
      I.whenSettled(result, (settled) => lookAt(I, name, settled, node, frame));
    });
  }
}

/** The hook behind a hook: it finds the module and its source. */
function nextHook(I: Interpreter, later: boolean): Value {
  return new Native(() => {
    const found = I.object();
    found.props.set('format', text(HOLE));
    found.props.set('source', sourceText());
    found.props.set('url', text(`file://${LOADED}.js`));
    return later ? I.settled(found) : found;
  });
}

function lookAt(I: Interpreter, name: string, result: Value, node: t.Node | null, frame: Frame): void {
  for (const each of alternatives(result)) {
    if (!(each instanceof Obj)) continue;
    const source = each.own('source');
    if (source !== undefined && source.kind !== 'accessor') injected(I, `module.register ${name}`, source, node, frame);
    const url = each.own('url');
    const shown = url === undefined || url.kind === 'accessor' ? null : knownText(url);
    if (name === 'resolve' && shown !== null && /^(?:https?|data):/i.test(shown))
      observe(I, {
        sink: 'code.inject',
        api: 'module.register resolve',
        target: shown,
        args: [argumentFact(I, prim(shown))],
        taints: null,
        node,
        frame,
      });
  }
}

/** `module.register(specifier)`: the hooks that a file of the package or a data: URL exports. */
export function hooksNamed(I: Interpreter, specifier: string, from: string, node: t.Node | null, frame: Frame): void {
  const code = dataText(specifier);
  if (code !== null) {
    const names = HOOKS.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
    const plain = code.replace(/\bexport\s+(?=async\b|function\b|const\b|let\b|var\b)/g, '');
    const made = I.loader.runText(I, `${plain}\n;({ ${names.join(', ')} })`, frame.file, null, null);
    if (made !== null) hooksRegistered(I, made, true, node, frame);
    return;
  }
  const file = I.loader.resolve(specifier, from);
  if (file !== null) I.later(() => hooksRegistered(I, I.loader.requireFile(I, file), true, node, topFrame(file)));
}
