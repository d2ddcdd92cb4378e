import type * as t from '@babel/types';
import { isCall, isFunction, isMember, lastName, plain, some } from '../access/syntax.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Func, type Value } from '../interpreter/value.js';
import { childrenOf } from '../parsing/babel.js';
import { Lots, readBody } from './lots-drawn.js';

/** Methods of the language that are replaced by ones whose result hangs on a draw or on the day, told by the shape of the code. */

const PROTOTYPES: ReadonlyMap<string, object> = new Map<string, object>(
  [Array, String, Number, Promise, Object, Function, Map, Set, RegExp].map((cls) => [cls.name, cls.prototype]),
);
const OF_STORAGE = /^(?:getItem|setItem|removeItem|clear|key)$/;
const OF_JSON = /^(?:parse|stringify)$/;
const LONGEST = 4_000;
const CHANGES = /^(?:pop|push|shift|unshift|splice|reverse|sort|fill|copyWithin|set|delete|clear)$/;
const CUTS = /^(?:slice|splice|substr|substring|charAt|at|repeat|padEnd|padStart|setTimeout)$/;

/** Tells where a method that everybody calls gives, for the same arguments, now this and now that. */
export function builtinLots(I: Interpreter, path: string, value: Value, node: t.Node | null, file: string): void {
  if (!(value instanceof Func) || value.isClass || !isOfLanguage(path)) return;
  const made = value.node;
  if (!isFunction(made) || (made.end ?? 0) - (made.start ?? 0) > LONGEST) return;
  readBody(I, made.body, value.file);
  if (!new Replacement(made, new Lots(I, value, made)).lies()) return;
  const detail = `${path} goes by lots or by the day`;
  I.fact('builtin-by-lot', detail, file, node?.loc?.start.line ?? 1, [I.at(node ?? made, file, 'sink', detail)]);
}

function isOfLanguage(path: string): boolean {
  const [, cls = '', key = ''] = /^(\w+)\.(?:prototype\.)?(\w+)$/.exec(path) ?? [];
  if (cls === 'JSON') return OF_JSON.test(key);
  if (!path.includes('.prototype.')) return false;
  if (cls === 'Storage') return OF_STORAGE.test(key);
  const prototype = PROTOTYPES.get(cls);
  return prototype !== undefined && key !== 'constructor' && Object.hasOwn(prototype, key);
}

/** A function in the place of another. */
class Replacement {
  private readonly returned: t.Node[] = [];
  private readonly handedOn: t.Node[] = [];
  private readonly changed = new Set<string>();
  private leavesByLot = false;
  private throwsByLot = false;
  private readonly made: t.Node & { body: t.Node };
  private readonly lots: Lots;

  constructor(made: t.Node & { body: t.Node }, lots: Lots) {
    this.made = made;
    this.lots = lots;
  }

  lies(): boolean {
    const { body } = this.made;
    if (body.type === 'BlockStatement') for (const each of body.body) this.visit(each, false);
    else {
      this.returned.push(body);
      this.visit(body, false);
    }
    if (this.throwsByLot) return true;
    if (this.leavesByLot && this.returned.some((each) => !this.goesOn(each))) return true;
    const given = [...this.returned, ...this.handedOn];
    return given.some((each) => this.isByLot(each) || some(each, (inner) => this.isChanged(inner)));
  }

  private visit(node: t.Node, byLot: boolean): void {
    if (isFunction(node)) return;
    let inner = byLot;
    if (node.type === 'IfStatement' && this.lots.decide(node.test)) inner = true;
    else if (node.type === 'SwitchStatement' && this.lots.decide(node.discriminant)) inner = true;
    else if (node.type === 'ReturnStatement') {
      this.leavesByLot ||= byLot;
      if (node.argument) this.returned.push(node.argument);
      else if (byLot) this.throwsByLot = true;
    } else if (node.type === 'ThrowStatement') this.throwsByLot ||= byLot;
    else if (isCall(node) && /^(?:call|apply)$/.test(lastName(node.callee) ?? ''))
      this.handedOn.push(...node.arguments);
    if (byLot) this.noteChange(node);
    // `lucky() && out.pop()`
    if (node.type === 'LogicalExpression' && this.lots.decide(node.left)) inner = true;
    for (const child of childrenOf(node)) this.visit(child, inner);
  }

  private noteChange(node: t.Node): void {
    if (node.type === 'AssignmentExpression') this.change(node.left);
    else if (node.type === 'UpdateExpression') this.change(node.argument);
    else if (isCall(node) && isMember(node.callee) && CHANGES.test(lastName(node.callee) ?? ''))
      this.change(node.callee.object);
  }

  private change(node: t.Node): void {
    let at = plain(node);
    while (isMember(at)) at = plain(at.object);
    if (at.type === 'Identifier') this.changed.add(at.name);
  }

  private isChanged(node: t.Node): boolean {
    return node.type === 'Identifier' && this.changed.has(node.name);
  }

  /** Whether a draw chooses what is given, or where it is cut. */
  private isByLot(node: t.Node): boolean {
    return some(node, (inner) => {
      if (inner.type === 'ConditionalExpression')
        return this.lots.decide(inner.test) && !(this.goesOn(inner.consequent) && this.goesOn(inner.alternate));
      if (inner.type === 'LogicalExpression') return this.lots.decide(inner.left);
      if (isMember(inner)) return inner.computed && this.lots.isDrawn(inner.property);
      if (inner.type === 'BinaryExpression')
        return /^[-+*/%]$/.test(inner.operator) && (this.lots.isDrawn(inner.left) || this.lots.isDrawn(inner.right));
      return (
        isCall(inner) &&
        CUTS.test(lastName(inner.callee) ?? '') &&
        inner.arguments.some((each) => this.lots.isDrawn(each))
      );
    });
  }

  /** `original.apply(this, arguments)`, or what that gave: whoever looks on now and then changes nothing. */
  private goesOn(node: t.Node): boolean {
    const inner = plain(node);
    if (inner.type === 'Identifier') {
      const value = this.lots.valueOf(inner.name);
      return value !== null && value.type !== 'Identifier' && !this.changed.has(inner.name) && this.goesOn(value);
    }
    if (!isCall(inner) || inner.type === 'NewExpression') return false;
    const name = lastName(inner.callee) ?? '';
    if (!/^(?:call|apply)$/.test(name)) return inner.callee.type === 'Identifier';
    return inner.arguments.every((each) => {
      const given = each.type === 'SpreadElement' ? each.argument : each;
      if (isCall(given)) return given.callee.type === 'Identifier';
      if (given.type === 'ArrayExpression') return given.elements.every((item) => item?.type === 'Identifier');
      return given.type === 'Identifier' || given.type === 'ThisExpression' || isMember(given) || isFunction(given);
    });
  }
}
