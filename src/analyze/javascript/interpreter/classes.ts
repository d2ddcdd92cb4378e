import type * as t from '@babel/types';
import { evaluate, makeFunction } from './expressions.js';
import type { Frame, Interpreter } from './interpreter.js';
import { literalKey } from './literals.js';
import { keyOf } from './operators.js';
import { prototypeOf } from './properties.js';
import { Scope } from './scope.js';
import { runBody } from './statements.js';
import { Func, type FunctionNode, Obj, UNDEFINED, type Value } from './value.js';

/** Makes a class: methods on the prototype, statics on the class, fields kept for construction. */
export function makeClass(I: Interpreter, node: t.Class, scope: Scope, frame: Frame): Func {
  const inner = new Scope(scope, I.journals.depth);
  const cls = new Func(node, inner, frame.file);
  cls.isClass = true;
  cls.depth = I.journals.depth;
  if (node.id) inner.vars.set(node.id.name, cls);
  const prototype = prototypeOf(I, cls);
  if (node.superClass) {
    const parent = evaluate(I, node.superClass, scope, frame);
    cls.superClass = parent;
    if (parent instanceof Func) {
      cls.proto = parent;
      prototype.proto = prototypeOf(I, parent);
    } else if (parent instanceof Obj) {
      const base = parent.kind === 'api' ? apiPrototype(I, parent) : null;
      prototype.proto = base;
    }
  }
  if (!I.madeNodes.has(node)) {
    I.madeNodes.add(node);
    I.made.push({ fn: cls, node, file: frame.file, guards: I.guards });
  }
  for (const each of node.body.body) defineMember(I, each, cls, prototype, inner, frame);
  return cls;
}

/** An instance of an outside class, so that inherited methods resolve to its API. */
function apiPrototype(I: Interpreter, parent: Obj): Obj {
  return I.loader.instanceOf(parent);
}

function defineMember(
  I: Interpreter,
  node: t.ClassBody['body'][number],
  cls: Func,
  prototype: Obj,
  scope: Scope,
  frame: Frame,
): void {
  switch (node.type) {
    case 'ClassMethod':
    case 'ClassPrivateMethod': {
      const home = node.static ? cls : prototype;
      const key = memberKey(I, node, scope, frame);
      if (node.kind === 'constructor' || key === null) {
        if (node.kind !== 'constructor') home.rest = makeFunction(I, node as FunctionNode, scope, frame);
        return;
      }
      const fn = makeFunction(I, node as FunctionNode, scope, frame);
      fn.home = home;
      fn.superClass = cls.superClass;
      if (node.kind === 'get' || node.kind === 'set') {
        const known = home.props.get(key);
        const accessor = known?.kind === 'accessor' ? known : { kind: 'accessor' as const, get: null, set: null };
        home.props.set(key, { ...accessor, [node.kind]: fn });
      } else home.props.set(key, fn);
      return;
    }
    case 'ClassProperty':
    case 'ClassPrivateProperty':
    case 'ClassAccessorProperty': {
      const key = memberKey(I, node, scope, frame);
      if (key === null) return;
      if (node.static) {
        const self = { ...frame, self: cls, home: cls };
        cls.props.set(key, node.value ? evaluate(I, node.value, scope, self) : UNDEFINED);
      } else cls.fields.push({ node, key });
      return;
    }
    case 'StaticBlock':
      runBody(I, node.body, new Scope(scope, I.journals.depth), { ...frame, self: cls, home: cls });
      return;
  }
}

function memberKey(
  I: Interpreter,
  node: t.ClassMethod | t.ClassPrivateMethod | t.ClassProperty | t.ClassPrivateProperty | t.ClassAccessorProperty,
  scope: Scope,
  frame: Frame,
): string | null {
  if ('computed' in node && node.computed) return keyOf(evaluate(I, node.key, scope, frame));
  return literalKey(node.key);
}

/** Sets the fields of a class on a new instance. */
export function initializeFields(I: Interpreter, cls: Func, self: Obj, frame: Frame): void {
  for (const { node, key } of cls.fields) {
    const value: Value = node.value
      ? evaluate(I, node.value, cls.scope, { ...frame, self, home: prototypeOf(I, cls), file: cls.file })
      : UNDEFINED;
    self.props.set(key, value);
  }
}
