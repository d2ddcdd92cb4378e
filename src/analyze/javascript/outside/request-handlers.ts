import type * as t from '@babel/types';

/** What the detail of a handler's request ends with. */
export const OF_A_HANDLER = ' of a request handler';

/** What the detail of such a thing ends with that is handed from one step of a command to the next. */
export const OF_A_STEP = ' of a step';

/** The request of a server's handler, told by the parameter beside it: `(req, res)`, `(ctx, next)`. */
export function isHandled(name: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    /^_?(?:req|request|ctx|context)$/.test(name) &&
    /^_?(?:res|resp|response|reply|next|done|cb|h)$/.test(next)
  );
}

/** Whether a `req` is what a command hands from step to step: no response stands beside it, and what is asked of it no request of a server has. */
export function isOfStep(name: string, next: string | undefined, text: () => string): boolean {
  if (!/^_?req(?:uest)?$/.test(name) || !/^_?(?:next|done|cb)$/.test(next ?? '')) return false;
  const asked = [...text().matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g'))].map((match) => match[1] as string);
  return asked.length > 2 && !asked.some((member) => OF_REQUESTS.test(member));
}

const OF_REQUESTS =
  /^(?:headers?|rawHeaders|body|rawBody|cookies?|signedCookies|query|params|param|url|originalUrl|path|pathname|method|hostname|host|ips?|session|users?|files?|payload|auth|get|accepts|is|socket|connection|req|request|res|response|raw|on|once|pipe|json|text|formData|arrayBuffer|clone|state|type|message|input|variables|operation\w*)$/i;

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
