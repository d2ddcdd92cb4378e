import type * as t from '@babel/types';
import type { ArgumentFact } from '../../observation.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, Bytes, HOLE, knownText, Obj, Pattern, prim, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
import type { Taints } from '../taint/taint.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';
import { placesTags } from './page-builders.js';

/**
 * Script tags that a plugin of a bundler, a framework or a server puts into the pages of others: as an object that describes the tag, as
 * an entry of a list of scripts, or as markup beside the text of others. Only addresses that stand in the code are told.
 */

const MAX_TAGS = 12;
const MOST_VALUES = 400;
const MOST_ELEMENTS = 40;
const MOST_FIELDS = 24;
const DEEPEST = 5;
const LONGEST_TEXT = 60_000;

interface Search {
  I: Interpreter;
  api: string;
  node: t.Node | null;
  frame: Frame;
  left: number;
  how: 'handed' | 'returned' | 'inserted' | 'written';
}

/** Looks for script tags in what is given to a tool. */
export function tagsHanded(
  I: Interpreter,
  api: string,
  values: readonly Value[],
  node: t.Node | null,
  frame: Frame,
  how: Search['how'] = node === null ? 'returned' : 'handed',
): void {
  if (I.scriptTags.size >= MAX_TAGS || !placesTags(I.loader, frame.file)) return;
  const search: Search = { I, api, node, frame, left: MOST_VALUES, how };
  const list = listOf(node);
  // `createHtmlTagObject('script', { src })`
  if (isNamed(values[0], 'script')) sourceOf(search, values.slice(1, 3), values[1]);
  for (const value of values) for (const each of alternatives(value)) lookAt(search, each, list, DEEPEST);
}

/** `head.script.push(…)`, `assets.js.unshift(…)`, `head.script = …`: what the list that something is put into is called. */
function listOf(node: t.Node | null): string {
  if (node?.type === 'AssignmentExpression') return nameOf(node.left);
  if (node?.type !== 'CallExpression' && node?.type !== 'OptionalCallExpression') return '';
  const { callee } = node;
  if (callee.type !== 'MemberExpression' && callee.type !== 'OptionalMemberExpression') return nameOf(callee);
  return ADDS.test(nameOf(callee)) ? nameOf(callee.object) : nameOf(callee);
}

function nameOf(node: t.Node): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression' && node.type !== 'OptionalMemberExpression') return '';
  if (node.property.type === 'StringLiteral') return node.property.value;
  return node.property.type === 'Identifier' && !node.computed ? node.property.name : '';
}

const ADDS = /^(?:push|unshift|concat|splice|add|set|append|prepend)$/;
/** Lists whose entries are scripts, whatever else they say. */
const SCRIPTS = /^(?:scripts?|head_?scripts?|body_?scripts?|js|js_?files|addHTML(?:Head)?Scripts?)$/i;

function lookAt(search: Search, value: Value, list: string, depth: number): void {
  if (search.left-- <= 0) return;
  if (!(value instanceof Obj) || value instanceof Bytes) {
    const isText = value.kind === 'prim' || value.kind === 'text' || value instanceof Bytes;
    const shown = isText ? knownText(value) : null;
    if (shown !== null && shown.length <= LONGEST_TEXT) textOf(search, shown, value, list, depth);
    return;
  }
  if (value.kind !== 'obj' || depth === 0) return;
  if (value.elements === null) tagObject(search, value, list);
  else if (isNamed(value.elements[0], 'script')) sourceOf(search, value.elements.slice(1, 3), value);
  for (const slot of (value.elements ?? []).slice(0, MOST_ELEMENTS))
    for (const each of alternatives(slot)) lookAt(search, each, list, depth - 1);
  if (value.bare) return;
  for (const [key, slot] of [...value.props].slice(0, MOST_FIELDS))
    if (slot.kind !== 'accessor')
      for (const each of alternatives(slot)) lookAt(search, each, SCRIPTS.test(key) ? key : NO_LIST, depth - 1);
}

const NO_LIST = '';
const TAG_NAMES = ['tag', 'tagName', 'type'];
const TAG_FIELDS = ['attrs', 'attributes', 'props', 'properties'];

/** `{ tag: 'script', attrs: { src } }`, and `{ src }` in a list of scripts. */
function tagObject(search: Search, tag: Obj, list: string): void {
  const isTag = TAG_NAMES.some((name) => isNamed(fieldOf(tag, name), 'script'));
  if (isTag) sourceOf(search, [tag, ...TAG_FIELDS.map((name) => fieldOf(tag, name))], tag);
  else if (SCRIPTS.test(list)) sourceOf(search, [tag], tag);
}

function fieldOf(object: Obj, key: string): Value | undefined {
  const slot = object.own(key);
  return slot === undefined || slot.kind === 'accessor' ? undefined : slot;
}

function isNamed(value: Value | undefined, name: string): boolean {
  return value?.kind === 'prim' && value.value === name;
}

function sourceOf(search: Search, holders: readonly (Value | undefined)[], tag: Value | undefined): void {
  for (const holder of holders) {
    if (!(holder instanceof Obj) || fieldOf(holder, 'integrity') !== undefined) continue;
    const src = fieldOf(holder, 'src');
    if (src === undefined) continue;
    const all = alternatives(src);
    // What somebody may give, or else one of the code, is theirs to choose.
    if (all.some((each) => each.kind !== 'prim' && each.kind !== 'text')) continue;
    for (const each of all) {
      const shown = knownText(each);
      if (shown === null) continue;
      const isHidden = (each.kind === 'prim' || each.kind === 'text') && each.decoded;
      tell(search, shown, { isHidden, taints: each.taints, isOfUser: isOfUser(tag, shown) });
    }
  }
}

/** Attributes by which a service knows whose page it is: `data-website-id`, `data-domain`. */
const WHOSE =
  /(?:^|[-_]|[a-z](?=[A-Z]))(?:id|key|token|site|domain|project|account|website|client|app|org|tracking|widget|property|user|tenant)(?:[-_A-Z]|$)/i;

function isOfUser(tag: Value | undefined, address: string): boolean {
  if (address.includes(HOLE)) return true;
  if (!(tag instanceof Obj)) return false;
  for (const holder of [tag, ...TAG_FIELDS.map((name) => fieldOf(tag, name)), ...(tag.elements ?? [])]) {
    if (!(holder instanceof Obj)) continue;
    for (const [key, slot] of [...holder.props].slice(0, MOST_FIELDS))
      if (slot.kind !== 'accessor' && WHOSE.test(key) && alternatives(slot).some(isOpen)) return true;
  }
  return false;
}

function isOpen(value: Value): boolean {
  return value.kind === 'unknown' || value.kind === 'api' || (value.kind === 'text' && value.text.includes(HOLE));
}

const TAG =
  /<script\b([^>]{0,400}?)\bsrc\s*=\s*(?:\\?(["'`])((?:https?:)?\/\/[^"'`\\\s<>]+)|((?:https?:)?\/\/[^"'`\\\s<>]+))([^>]{0,400})>/gi;

/** Markup that is more than a page of the package's own: tags alone, or with the text of others around them. */
function textOf(search: Search, shown: string, value: Value, list: string, depth: number): void {
  if (SCRIPTS.test(list) && /^(?:https?:)?\/\/\S+$/.test(shown)) {
    tell(search, shown, { isHidden: isDecoded(value), taints: value.taints, isOfUser: shown.includes(HOLE) });
    return;
  }
  if (search.how !== 'inserted' && OWN_PAGE.test(shown)) return;
  // What is given back as a text is somebody's page only with that page around it.
  if (search.how === 'returned' && depth === DEEPEST && !shown.includes(HOLE)) return;
  for (const tag of tagsOf(shown))
    tell(search, tag.address, { isHidden: isDecoded(value), taints: value.taints, isOfUser: tag.isOfUser });
}

function isDecoded(value: Value): boolean {
  return (value.kind === 'prim' || value.kind === 'text') && value.decoded;
}

interface Found {
  address: string;
  isOfUser: boolean;
}

function tagsOf(shown: string): Found[] {
  return shown.includes('<script') ? [...tagsOfMarkup(shown), ...loadedBy(shown)] : loadedBy(shown);
}

const LOADED = [
  /\.\s*src\s*=\s*(["'`])((?:https?:)?\/\/[^"'`\\\s]+)\1/g,
  /(?:^|[\s;({])import\s*\(?\s*(["'`])((?:https?:)?\/\/[^"'`\\\s]+)\1/g,
];

/** Code that loads a script, as pages have it: `s = document.createElement('script'); s.src = '…'`, `import('https://…')`. */
function loadedBy(shown: string): Found[] {
  if (!/createElement\(\s*['"`]script|\bimport\b/.test(shown)) return [];
  const isOfUser = shown.includes(HOLE);
  return LOADED.flatMap((pattern) => [...shown.matchAll(pattern)].slice(0, 4)).map(([, , address = '']) => ({
    address,
    isOfUser,
  }));
}

function tagsOfMarkup(shown: string): Found[] {
  const found = [...shown.matchAll(TAG)].slice(0, 4);
  // A service's snippet is set up with what its user gives: `gtag('config', '${id}')`.
  const from = found[0]?.index ?? 0;
  const isSetUp = shown.slice(from, shown.lastIndexOf('</script') + 1).includes(HOLE);
  return found
    .filter(([, before = '', , , , after = '']) => !/\bintegrity\s*=/i.test(before + after))
    .map(([, , , quoted, bare]) => ({ address: quoted ?? bare ?? '', isOfUser: isSetUp }));
}

/** A page that the package makes as a whole. */
const OWN_PAGE = /<!doctype\b|^\s*<(?:html|head|body)\b/i;

/** Looks for script tags that are put where the head or the body of somebody's page begins or ends. */
export function tagsInserted(I: Interpreter, { args: [what], self, node, frame }: Call, by: Value): void {
  const place = what instanceof Pattern ? what.source : what?.kind === 'prim' ? String(what.value) : '';
  if (!OF_PAGE.test(place) || I.scriptTags.size >= MAX_TAGS) return;
  // Where it is put may stand in data, too.
  if (!END_OF_PAGE.test(place) && !placesTags(I.loader, frame.file)) return;
  if (isOwnPage(self.taints)) return;
  const search: Search = { I, api: 'a page', node, frame, left: MOST_VALUES, how: 'inserted' };
  for (const each of alternatives(by)) lookAt(search, each, NO_LIST, DEEPEST);
}

/** A page of the package's own; in that of others something out of the package's data may have been put before. */
function isOwnPage(taints: Taints): boolean {
  const isOfOthers = taints?.some(({ source }) => PAGE_OF_OTHERS.test(source)) === true;
  return (
    taints?.some(({ source, detail }) => source === 'file.own' && !(isOfOthers && DATA_FILE.test(detail))) === true
  );
}

const PAGE_OF_OTHERS = /^(?:param|given|file\.other|input\.source|tool\.config)/;
const DATA_FILE = /\.(?:json[5c]?|ya?ml|toml|ini|csv)$/i;

const END_OF_PAGE = /<\\?\/(?:head|body|html)\b/i;
const OF_PAGE = /<\\?\/?(?:head|body|html|title|main)\b/i;

/** Looks for script tags in what is written into a page that was read from the disk, or that a tool gave. */
export function tagsWritten(
  I: Interpreter,
  content: ArgumentFact | undefined,
  node: t.Node | null,
  frame: Frame,
): void {
  const shown = content?.text ?? null;
  if (shown === null || !shown.includes(HOLE) || OWN_PAGE.test(shown) || I.scriptTags.size >= MAX_TAGS) return;
  if (content?.taints.some(({ source }) => OF_OTHERS.test(source)) !== true) return;
  const search: Search = { I, api: 'a page', node, frame, left: 0, how: 'written' };
  for (const tag of tagsOf(shown))
    tell(search, tag.address, { isHidden: content.decoded, taints: null, isOfUser: tag.isOfUser });
}

const OF_OTHERS = /^(?:file\.other|input\.source|tool\.config|given)/;

interface Tag {
  isHidden: boolean;
  taints: Taints;
  isOfUser: boolean;
}

function tell({ I, api, node, frame }: Search, address: string, { isHidden, taints, isOfUser }: Tag): void {
  if (!/^(?:https?:)?\/\/[^/\uFFFC]+\./.test(address) || I.scriptTags.has(address)) return;
  if (I.scriptTags.size >= MAX_TAGS) return;
  I.scriptTags.add(address);
  observe(I, {
    sink: 'page.tag',
    api: `${isOfUser ? "with its user's settings, " : ''}handed ${api}`,
    target: address,
    args: [argumentFact(I, prim(address, deepTaints(prim('', taints)), isHidden))],
    taints,
    node,
    frame,
  });
}
