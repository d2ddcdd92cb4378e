import type * as t from '@babel/types';

/** What the detail of a handler's request ends with. */
export const OF_A_HANDLER = ' of a request handler';

/** The request of a server's handler, told by the parameter beside it: `(req, res)`, `(ctx, next)`. */
export function isHandled(name: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    /^_?(?:req|request|ctx|context)$/.test(name) &&
    /^_?(?:res|resp|response|reply|next|done|cb|h)$/.test(next)
  );
}

/** The same where the request and what comes next stand in one object: `({ ctx, next })`, `({ event, resolve })`, `({ args, query })`. */
export function isHandledObject(param: t.Node): boolean {
  if (param.type !== 'ObjectPattern') return false;
  const keys = param.properties.map((each) =>
    each.type === 'ObjectProperty' && each.key.type === 'Identifier' ? each.key.name : '',
  );
  return keys.some((key) => NEXT.test(key)) && keys.some((key) => REQUEST.test(key));
}

const NEXT = /^(?:next|resolve|query|proceed|reply|forward)$/;
const REQUEST = /^(?:ctx|context|request|req|event|input|rawInput|args|operation|action|variables)$/;
