import { name, pick, type Random } from './random.js';
import { applyEdits, type Edit, range, readSource, walk } from './source-edits.js';

/** `a.b` becomes `a['b']`. */
export function computedMembers(code: string, random: Random): string {
  const edits: Edit[] = [];
  walk(readSource(code).file, (node) => {
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return;
    if (node.object.type === 'MetaProperty' || random() < 0.3) return;
    const dot = code.lastIndexOf('.', range(node.property).start);
    edits.push({ start: dot, end: range(node.property).end, text: `['${node.property.name}']` });
  });
  return applyEdits(code, edits);
}

/** Free names of the platform go through aliases: `require`, `process`, `fetch`, `Function`. */
export function aliasGlobals(code: string, random: Random): string {
  const source = readSource(code);
  const ways: Record<string, string[]> = {
    require: source.module ? [] : ['module.require', 'require', "module['requ' + 'ire'].bind(module)"],
    process: ['globalThis.process', "globalThis['pro' + 'cess']", 'process'],
    fetch: ['globalThis.fetch', "Reflect.get(globalThis, 'fetch')"],
    Function: ['(function () {}).constructor', "globalThis['Func' + 'tion']"],
  };
  const aliases = new Map<string, string>();
  const edits: Edit[] = [];
  walk(source.file, (node, parent, key) => {
    if (node.type !== 'Identifier' || parent === null || !(ways[node.name]?.length ?? 0)) return;
    const used =
      (parent.type === 'CallExpression' && key === 'callee') ||
      (parent.type === 'NewExpression' && key === 'callee') ||
      (parent.type === 'MemberExpression' && key === 'object');
    if (!used) return;
    if (!aliases.has(node.name)) aliases.set(node.name, name(random));
    edits.push({ ...range(node), text: aliases.get(node.name) ?? node.name });
  });
  const lines = [...aliases].map(([global, alias]) => `var ${alias} = ${pick(random, ways[global] ?? [])};`).join(' ');
  const shebang = /^#!.*\n/.exec(code)?.[0] ?? '';
  return `${shebang}${lines}\n${applyEdits(code, edits).slice(shebang.length)}`;
}

/** Calls of members go through `call`, `apply`, `bind` or a comma expression. */
export function indirectCalls(code: string, random: Random): string {
  const edits: Edit[] = [];
  walk(readSource(code).file, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || random() < 0.4) return;
    const { object } = node.callee;
    if (object.type !== 'Identifier' || node.arguments.some(({ type }) => type === 'SpreadElement')) return;
    const open = code.indexOf('(', range(node.callee).end);
    if (open < 0 || /[^\s]/.test(code.slice(range(node.callee).end, open))) return;
    const separator = node.arguments.length === 0 ? '' : ', ';
    const way = pick(random, [`.call(${object.name}${separator}`, `.bind(${object.name})(`]);
    edits.push({ start: range(node.callee).end, end: open + 1, text: way });
  });
  return applyEdits(code, edits);
}
