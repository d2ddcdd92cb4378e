import { prim, type Value } from '../interpreter/value.js';
import { type Taints, transformed } from './taint.js';

const LONGEST_SYMBOL = 2;

/**
 * What a choice by a character of the package's own file gives, where it is a symbol: code that is hidden in blanks or letters of a
 * file is spelled that way, `character === '\t' ? '1' : '0'`, and nothing of the file's text is left in it.
 */
export function spelled(test: Taints, chosen: Value): Value {
  if (test === null || chosen.kind !== 'prim' || chosen.taints !== null) return chosen;
  const isSymbol =
    typeof chosen.value === 'number' || (typeof chosen.value === 'string' && chosen.value.length <= LONGEST_SYMBOL);
  const own = isSymbol ? test.filter(({ source }) => source === 'file.own') : [];
  return own.length === 0 ? chosen : prim(chosen.value, transformed(own, 'charcode', null));
}
