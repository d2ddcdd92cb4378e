import type * as t from '@babel/types';
import { childrenOf } from '../parsing/babel.js';
import { boundNames, type FunctionNode, isFunction, isMember, lastName, plain } from './syntax.js';

/** Where a value comes from: a request that a server got, what a caller gave, what the object holds. */
export type Origin = 'request' | 'caller' | 'held';

const OF_REQUESTS =
  /^(?:headers?|rawHeaders|query|body|rawBody|cookies?|signedCookies|params|searchParams|nextUrl|url|originalUrl|handshake|authorization|queryStringParameters|multiValueHeaders|payload|connectionParams)$/;
/** Members that only requests and answers have. */
const PLAINLY = /^(?:headers|rawHeaders|cookies|signedCookies|handshake|queryStringParameters)$/;
const REQUEST = /^_?(?:req|request|ctx|context|c|evt?|event|socket|conn|connection|info|incoming|message|call|args?)$/i;
const ANSWER = /^_?(?:res|resp|response|r|reply|result|answer|rsp)$/i;

/** What the names of a function, and of those around it, carry. */
export class Origins {
  private readonly names = new Map<string, Origin>();
  private readonly outer: Origins | null;

  constructor(outer: Origins | null, made: FunctionNode | null) {
    this.outer = outer;
    if (made === null) return;
    for (const param of made.params) this.take(param);
    this.follow(made.body);
  }

  private take(param: t.Node): void {
    for (const name of boundNames(param)) this.names.set(name, 'caller');
    const pattern = param.type === 'AssignmentPattern' ? param.left : param;
    if (pattern.type !== 'ObjectPattern') return;
    for (const each of pattern.properties)
      if (each.type === 'ObjectProperty' && PLAINLY.test(lastName(each.key) ?? ''))
        for (const name of boundNames(each.value)) this.names.set(name, 'request');
  }

  /** What is declared in the order in which it stands there; functions inside follow for themselves. */
  private follow(node: t.Node): void {
    if (isFunction(node)) return;
    if (node.type === 'VariableDeclarator' && node.init) this.bind(node.id, node.init);
    else if (node.type === 'AssignmentExpression' && node.left.type !== 'MemberExpression')
      this.bind(node.left, node.right);
    else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
      const left = node.left.type === 'VariableDeclaration' ? node.left.declarations[0]?.id : node.left;
      if (left) this.bind(left, node.right);
    }
    for (const child of childrenOf(node)) this.follow(child);
  }

  private bind(pattern: t.Node, value: t.Node): void {
    const origin = this.of(value);
    if (origin === null) return;
    for (const name of boundNames(pattern)) if (this.names.get(name) !== 'request') this.names.set(name, origin);
    const from = plain(value);
    if (pattern.type !== 'ObjectPattern' || from.type !== 'Identifier' || ANSWER.test(from.name)) return;
    for (const each of pattern.properties)
      if (each.type === 'ObjectProperty' && OF_REQUESTS.test(lastName(each.key) ?? '') && isAsked(from.name, each.key))
        for (const name of boundNames(each.value)) this.names.set(name, 'request');
  }

  /** Where what an expression makes comes from; the request before the caller. */
  of(expression: t.Node): Origin | null {
    let best: Origin | null = null;
    const stack = [expression];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const found = this.direct(node);
      if (found === 'request') return found;
      if (found === 'caller' || best === null) best = found ?? best;
      if (isFunction(node)) continue;
      if (isMember(node)) {
        stack.push(node.object);
        if (node.computed) stack.push(node.property);
      } else if (node.type === 'ObjectProperty') stack.push(node.value);
      else stack.push(...childrenOf(node));
    }
    return best;
  }

  private direct(node: t.Node): Origin | null {
    if (node.type === 'ThisExpression') return 'held';
    if (node.type === 'Identifier') return this.named(node.name);
    return isMember(node) && this.isOfRequest(node) ? 'request' : null;
  }

  private named(name: string): Origin | null {
    return this.names.get(name) ?? this.outer?.named(name) ?? null;
  }

  /** `req.headers[…]`, `c.req.header(…)`, `req.get('x-…')`, `socket.handshake.auth`. */
  private isOfRequest(node: t.MemberExpression | t.OptionalMemberExpression): boolean {
    const members: string[] = [];
    let at: t.Node = node;
    while (true) {
      at = plain(at);
      if (isMember(at)) {
        members.push(lastName(at) ?? '');
        at = at.object;
      } else if (at.type === 'CallExpression' || at.type === 'OptionalCallExpression') at = at.callee;
      else break;
    }
    if (at.type !== 'Identifier' || ANSWER.test(at.name) || this.named(at.name) === null) return false;
    const { name } = at;
    return members.some(
      (member) =>
        PLAINLY.test(member) ||
        (REQUEST.test(name) && OF_REQUESTS.test(member)) ||
        (/^_?(?:req|request|ctx)$/.test(name) && /^(?:get|header|param)$/.test(member)),
    );
  }
}

function isAsked(name: string, key: t.Node): boolean {
  return REQUEST.test(name) || PLAINLY.test(lastName(key) ?? '');
}
