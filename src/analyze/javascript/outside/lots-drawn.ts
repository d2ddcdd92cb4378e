import type * as t from '@babel/types';
import { isCall, isFunction, lastName, plain, some } from '../access/syntax.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, constantNumber, Func, isUnknown } from '../interpreter/value.js';
import { childrenOf } from '../parsing/babel.js';
import { fillBody } from '../reach/lazy-bodies.js';

const DRAWS = /^(?:random|randomInt|getRandomValues|randomBytes)$/;
const DRAWING = /(?:^|\.)(?:random|randomInt|getRandomValues|randomBytes)$/;
const PART_OF_DAY = /^get(?:UTC)?(?:Day|Date|Month|FullYear|Hours|Minutes)$/;
const COMPARES = /^(?:[<>]=?|[!=]==?)$/;
const SEARCHES = /^(?:includes|indexOf|has)$/;
const LEAST_MOMENT = 1.4e9;
const MOST_DEPTH = 3;

/** Reads the body of a function that was left out so far. */
export function readBody(I: Interpreter, body: t.Node, file: string): void {
  const failure = body.type === 'BlockStatement' ? fillBody(body) : null;
  if (failure !== null) I.loader.unreadable(I, file, failure);
}

/** What a function draws by lot, or asks of the day, over its variables and the functions around it. */
export class Lots {
  private readonly I: Interpreter;
  private readonly fn: Func;
  private readonly depth: number;
  private readonly values = new Map<string, t.Node>();

  constructor(I: Interpreter, fn: Func, made: t.Node & { body: t.Node }, depth = 0) {
    this.I = I;
    this.fn = fn;
    this.depth = depth;
    this.note(made.body);
  }

  /** What a variable of the function begins with. */
  valueOf(name: string): t.Node | null {
    return this.values.get(name) ?? null;
  }

  /** Whether what a condition says is drawn, or is true on some days; how often is for the package to say, not for who calls it. */
  decide(node: t.Node): boolean {
    if (this.isAskedFor(node)) return false;
    return some(node, (inner) => this.draws(inner) || this.asksDay(inner) || this.isFlag(inner));
  }

  /** Whether a number, or a part of a text, is drawn. */
  isDrawn(node: t.Node): boolean {
    return some(node, (inner) => this.draws(inner));
  }

  /** `Math.random() < options.rate`: tools that test how programs fail. */
  private isAskedFor(node: t.Node): boolean {
    return some(node, (inner) => {
      if (inner.type === 'BinaryExpression' && COMPARES.test(inner.operator) && this.depth === 0) {
        if (this.isDrawn(inner.left)) return this.isOpen(inner.right);
        return this.isDrawn(inner.right) && this.isOpen(inner.left);
      }
      return this.draws(inner) && isCall(inner) && inner.arguments.some((each) => this.isOpen(each));
    });
  }

  private isOpen(node: t.Node): boolean {
    const inner = plain(node);
    if (inner.type === 'MemberExpression') {
      const owner = plain(inner.object);
      if (owner.type !== 'Identifier') return owner.type === 'ThisExpression' || this.isOpen(owner);
      const found = this.values.has(owner.name) ? undefined : this.I.lookUp(owner.name, this.fn.scope);
      return found !== undefined && isUnknown(found);
    }
    if (inner.type !== 'Identifier' || this.values.has(inner.name)) return false;
    const found = this.I.lookUp(inner.name, this.fn.scope);
    return found !== undefined && isUnknown(found);
  }

  private note(node: t.Node): void {
    if (isFunction(node)) return;
    if (node.type === 'VariableDeclarator' && node.init && node.id.type === 'Identifier')
      this.values.set(node.id.name, node.init);
    for (const child of childrenOf(node)) this.note(child);
  }

  private draws(node: t.Node): boolean {
    if (node.type === 'Identifier') {
      const value = this.values.get(node.name);
      if (value === undefined) return false;
      // What a variable begins with may name the variable itself.
      this.values.delete(node.name);
      const isDrawn = some(value, (inner) => this.draws(inner));
      this.values.set(node.name, value);
      return isDrawn;
    }
    if (!isCall(node)) return false;
    if (DRAWS.test(lastName(node.callee) ?? '')) return true;
    return node.callee.type === 'Identifier' && this.isDrawing(node.callee.name);
  }

  /** Whether a function around draws: `const roll = Math.random`, `const lucky = (share) => Math.random() < share`. */
  private isDrawing(name: string): boolean {
    if (this.depth >= MOST_DEPTH || this.values.has(name)) return false;
    const found = this.I.lookUp(name, this.fn.scope);
    if (found instanceof Api) return DRAWING.test(found.path);
    if (!(found instanceof Func) || found === this.fn || !isFunction(found.node)) return false;
    const { node } = found;
    readBody(this.I, node.body, found.file);
    const inner = new Lots(this.I, found, node, this.depth + 1);
    const results = node.body.type === 'BlockStatement' ? returnsOf(node.body) : [node.body];
    return results.some((each) => inner.decide(each));
  }

  /** A day, or an hour, that stands in the code; how long ago something was says nothing. */
  private asksDay(node: t.Node): boolean {
    if (node.type === 'BinaryExpression' && COMPARES.test(node.operator)) {
      const { left, right } = node;
      return this.isOf(left, right) || this.isOf(right, left);
    }
    return isCall(node) && SEARCHES.test(lastName(node.callee) ?? '') && node.arguments.some((each) => hasPart(each));
  }

  private isOf(clock: t.Node, other: t.Node): boolean {
    if (hasPart(clock)) return plain(other).type === 'NumericLiteral';
    return some(clock, isNow) && this.isMoment(plain(other));
  }

  private isMoment(node: t.Node): boolean {
    if (node.type === 'NumericLiteral') return node.value > LEAST_MOMENT;
    if (node.type === 'Identifier') {
      const own = this.values.get(node.name);
      if (own !== undefined) return own.type !== 'Identifier' && this.isMoment(own);
      const found = this.I.lookUp(node.name, this.fn.scope);
      return (constantNumber(found) ?? 0) > LEAST_MOMENT;
    }
    if (node.type === 'UnaryExpression') return this.isMoment(plain(node.argument));
    return isCall(node) && /^(?:UTC|parse|Date)$/.test(lastName(node.callee) ?? '') && isFixed(node.arguments);
  }

  /** A variable around that says what was drawn, or which day it is. */
  private isFlag(node: t.Node): boolean {
    if (node.type !== 'Identifier' || this.values.has(node.name)) return false;
    const found = this.I.lookUp(node.name, this.fn.scope);
    if (found === undefined || found.kind !== 'prim') return false;
    return (
      found.taints?.some(({ source, detail }) => detail === 'flag' && /^mark\.(?:date|random)$/.test(source)) === true
    );
  }
}

function isFixed(nodes: readonly t.Node[]): boolean {
  return nodes.length > 0 && nodes.every(({ type }) => type === 'NumericLiteral' || type === 'StringLiteral');
}

function hasPart(node: t.Node): boolean {
  return some(node, (inner) => isCall(inner) && PART_OF_DAY.test(lastName(inner.callee) ?? ''));
}

function isNow(node: t.Node): boolean {
  if (!isCall(node) || node.arguments.length > 0) return false;
  const name = lastName(node.callee);
  return name === 'now' || (node.type === 'NewExpression' && name === 'Date');
}

function returnsOf(node: t.Node): t.Node[] {
  if (isFunction(node)) return [];
  if (node.type === 'ReturnStatement') return node.argument ? [node.argument] : [];
  return childrenOf(node).flatMap(returnsOf);
}
