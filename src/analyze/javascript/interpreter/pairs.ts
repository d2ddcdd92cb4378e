import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { HOLE, knownText, type Obj, prim, Store, text, unknown, type Value } from './value.js';

/** The query text of a store of pairs; `whole` where all of it is known. */
export function pairsText(store: Store): { shown: string; whole: boolean } {
  let whole = store.rest === null;
  const parts = [...store.entries.values()].map(([key, value]) => {
    const [name, item] = [knownText(key), knownText(value)];
    if (name === null || item === null || item.includes(HOLE)) whole = false;
    return `${name ?? HOLE}=${item === null ? HOLE : item.includes(HOLE) ? item : encodeURIComponent(item)}`;
  });
  if (store.rest !== null) parts.push(HOLE);
  return { shown: parts.join('&'), whole };
}

/** What an address shows under `href` or `search`: pairs that were put into its query since it was made are a part of it. */
export function withQuery(url: Obj, key: string, value: Value): Value {
  const params = url.own('searchParams');
  if (!(params instanceof Store) || (params.entries.size === 0 && params.rest === null)) return value;
  const taints = joinTaints(value.taints, deepTaints(params, 3));
  const shown = knownText(value);
  if (shown?.endsWith(HOLE) && params.entries.size === 0) return value;
  if (shown === null) return unknown(taints);
  const query = pairsText(params);
  const [, head = '', tail = ''] = /^([^?#]*)(?:\?[^#]*)?(#.*)?$/s.exec(shown) ?? [];
  const whole = key === 'search' ? `?${query.shown}` : `${head}?${query.shown}${tail}`;
  return query.whole && !whole.includes(HOLE) ? prim(whole, taints) : text(whole, taints);
}

/** An address as a text; undefined where nothing of it is known. */
export function hrefOf(url: Obj): Value | undefined {
  const href = url.own('href');
  return href === undefined || href.kind === 'accessor' ? undefined : withQuery(url, 'href', href);
}
