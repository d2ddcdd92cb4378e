import { createRequire } from 'node:module';
import type * as parser from '@babel/parser';
import type * as types from '@babel/types';

// Required when first used, not imported: a package whose code needs no parsing does not pay for the parser, and `import` of
// CommonJS reads the whole text once more to find its exports.
const require = createRequire(import.meta.url);
let parserModule: typeof parser | null = null;
let typesModule: typeof types | null = null;

/** `parse` of @babel/parser. */
export const parse: typeof parser.parse = (code, options) => {
  parserModule ??= require('@babel/parser') as typeof parser;
  return parserModule.parse(code, options);
};

/** The fields of a node of this type that hold nodes. */
export function visitorKeys(type: string): readonly string[] {
  typesModule ??= require('@babel/types') as typeof types;
  return typesModule.VISITOR_KEYS[type] ?? [];
}

/** The nodes directly below one. */
export function childrenOf(node: types.Node): types.Node[] {
  const out: types.Node[] = [];
  for (const key of visitorKeys(node.type)) {
    const child = (node as unknown as Record<string, unknown>)[key];
    if (Array.isArray(child)) {
      for (const each of child) if (each !== null && typeof each === 'object') out.push(each as types.Node);
    } else if (child !== null && typeof child === 'object') out.push(child as types.Node);
  }
  return out;
}
