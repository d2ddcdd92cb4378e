import { type ParserOptions, parse } from '@babel/parser';
import type { File, Node } from '@babel/types';

export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A parsed source file and how it had to be read. */
export interface Source {
  code: string;
  file: File;
  module: boolean;
}

/** Parses as script, then as module; throws Babel's error where both fail. */
export function readSource(code: string): Source {
  const options: ParserOptions = { allowReturnOutsideFunction: true, attachComment: false };
  try {
    return { code, file: parse(code, { ...options, sourceType: 'script' }), module: false };
  } catch {
    return { code, file: parse(code, { ...options, sourceType: 'module' }), module: true };
  }
}

/** Calls `visit` for every node with its parent and the key it stands under. */
export function walk(root: Node, visit: (node: Node, parent: Node | null, key: string) => void): void {
  const step = (node: Node, parent: Node | null, key: string): void => {
    visit(node, parent, key);
    for (const [childKey, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) step(child, node, childKey);
    }
  };
  step(root, null, '');
}

/** Applies edits that do not overlap. */
export function applyEdits(code: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), code);
}

/** Where a node stands in the text. */
export function range(node: Node): { start: number; end: number } {
  if (typeof node.start !== 'number' || typeof node.end !== 'number') throw new TypeError('node without a place');
  return { start: node.start, end: node.end };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
