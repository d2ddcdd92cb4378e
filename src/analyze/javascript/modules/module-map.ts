import type * as t from '@babel/types';
import { namesOf } from '../interpreter/scope.js';

/** The name of an import or export. */
export function nameOf(node: t.Identifier | t.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}

/** Names that an exported declaration binds. */
export function declaredNames(node: t.Declaration | null | undefined): string[] {
  if (!node) return [];
  if (node.type === 'VariableDeclaration') {
    const out = new Set<string>();
    for (const each of node.declarations) namesOf(each.id, out);
    return [...out];
  }
  return 'id' in node && node.id?.type === 'Identifier' ? [node.id.name] : [];
}

/** The first file that a conditional `exports` or `imports` entry names. */
export function exportTarget(map: unknown, key: string, depth = 0): string | null {
  if (depth > 8) return null;
  if (typeof map === 'string') return key === '.' || depth > 0 ? map : null;
  if (Array.isArray(map)) return map.length === 0 ? null : exportTarget(map[0], key, depth + 1);
  if (typeof map !== 'object' || map === null) return null;
  const table = map as Record<string, unknown>;
  const keys = Object.keys(table);
  const bySubpath = keys.some((each) => each.startsWith('.') || each.startsWith('#'));
  if (bySubpath && depth === 0) {
    if (key in table) return exportTarget(table[key], key, 1);
    for (const each of keys) {
      const star = each.indexOf('*');
      if (star < 0) continue;
      const [head, tail] = [each.slice(0, star), each.slice(star + 1)];
      if (!key.startsWith(head) || !key.endsWith(tail)) continue;
      const target = exportTarget(table[each], key, 1);
      return target === null ? null : target.replaceAll('*', key.slice(head.length, key.length - tail.length));
    }
    return null;
  }
  for (const condition of ['node', 'require', 'import', 'default', ...keys]) {
    if (condition in table) {
      const target = exportTarget(table[condition], key, depth + 1);
      if (target !== null) return target;
    }
  }
  return null;
}
