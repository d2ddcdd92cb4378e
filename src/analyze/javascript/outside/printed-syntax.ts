import { HOLE, knownText, Obj, type Value } from '../interpreter/value.js';

const NODE = /^(?:File|Program|\w+(?:Statement|Expression|Declaration|Literal)|Identifier)$/;
const DEEPEST = 40;
const LONGEST = 40_000;
const NOT_KNOWN = 'it';

/** Where syntax keeps the code that it was made of as a text. */
export const CODE = '@@code';

/** Whether a value is a node of a syntax tree, whoever's: ESTree, Babel. */
export function isSyntax(value: Value): value is Obj {
  return value instanceof Obj && value.kind === 'obj' && (value.own(CODE) !== undefined || NODE.test(typeOf(value)));
}

/** The code that a syntax tree stands for, names and parts that are not known left open. */
export function printedSyntax(value: Value): string {
  return new Printer().node(value, DEEPEST);
}

function typeOf(node: Obj): string {
  const slot = node.own('type');
  return slot?.kind === 'prim' && typeof slot.value === 'string' ? slot.value : '';
}

/** Prints what a page or a program would run; what only types and layout are for is left out. */
class Printer {
  private left = LONGEST;

  node(value: Value | null, depth: number): string {
    if (value === null || depth === 0 || this.left < 0) return '';
    if (value.kind === 'union') return this.node(value.alternatives[0] ?? null, depth);
    if (!(value instanceof Obj) || value.kind !== 'obj') return knownText(value) ?? NOT_KNOWN;
    this.left -= 10;
    const code = field(value, CODE);
    if (code !== null) return knownText(code) ?? '';
    const inner = (name: string) => this.node(field(value, name), depth - 1);
    const list = (name: string, between: string) => this.list(field(value, name), between, depth - 1);
    switch (typeOf(value)) {
      case 'File':
        return inner('program');
      case 'Program':
        return list('body', ';\n');
      case 'BlockStatement':
        return `{ ${list('body', '; ')} }`;
      case 'ExpressionStatement':
        return inner('expression');
      case 'Identifier':
        return textOf(value, 'name') ?? NOT_KNOWN;
      case 'StringLiteral':
        return JSON.stringify(textOf(value, 'value') ?? HOLE);
      case 'Literal':
      case 'NumericLiteral':
      case 'BooleanLiteral':
        return literal(field(value, 'value'));
      case 'NullLiteral':
        return 'null';
      case 'RegExpLiteral':
        return `/${textOf(value, 'pattern') ?? 'x'}/${textOf(value, 'flags') ?? ''}`;
      case 'TemplateLiteral':
        return this.template(value, depth);
      case 'ThisExpression':
        return 'this';
      case 'CallExpression':
      case 'OptionalCallExpression':
        return `${this.head(field(value, 'callee'), depth - 1)}(${list('arguments', ', ')})`;
      case 'NewExpression':
        return `new ${inner('callee')}(${list('arguments', ', ')})`;
      case 'MemberExpression':
      case 'OptionalMemberExpression': {
        const object = this.head(field(value, 'object'), depth - 1);
        return isTrue(value, 'computed') ? `${object}[${inner('property')}]` : `${object}.${inner('property')}`;
      }
      case 'AssignmentExpression':
      case 'BinaryExpression':
      case 'LogicalExpression':
        return `(${inner('left')} ${textOf(value, 'operator') ?? '='} ${inner('right')})`;
      case 'UnaryExpression':
        return `(${textOf(value, 'operator') ?? '!'} ${inner('argument')})`;
      case 'AwaitExpression':
        return `(await ${inner('argument')})`;
      case 'SpreadElement':
        return `...${inner('argument')}`;
      case 'ConditionalExpression':
        return `(${inner('test')} ? ${inner('consequent')} : ${inner('alternate')})`;
      case 'SequenceExpression':
        return `(${list('expressions', ', ')})`;
      case 'ArrayExpression':
        return `[${list('elements', ', ')}]`;
      case 'ObjectExpression':
        return `({ ${list('properties', ', ')} })`;
      case 'ObjectProperty':
      case 'Property':
        return `${isTrue(value, 'computed') ? `[${inner('key')}]` : inner('key')}: ${inner('value')}`;
      case 'FunctionExpression':
      case 'FunctionDeclaration':
        return `${isTrue(value, 'async') ? 'async ' : ''}function ${inner('id')}(${list('params', ', ')}) ${inner('body')}`;
      case 'ArrowFunctionExpression':
        return `${isTrue(value, 'async') ? 'async ' : ''}(${list('params', ', ')}) => ${inner('body')}`;
      case 'VariableDeclaration':
        return `${textOf(value, 'kind') ?? 'var'} ${list('declarations', ', ')}`;
      case 'VariableDeclarator': {
        const init = inner('init');
        return init === '' ? inner('id') : `${inner('id')} = ${init}`;
      }
      case 'ReturnStatement':
        return `return ${inner('argument')}`;
      case 'IfStatement': {
        const alternate = inner('alternate');
        return `if (${inner('test')}) ${inner('consequent')}${alternate === '' ? '' : ` else ${alternate}`}`;
      }
      case 'TryStatement':
        return `try ${inner('block')} catch { }`;
      default:
        return '';
    }
  }

  /** What stands before a dot or a call: a function in parentheses. */
  private head(value: Value | null, depth: number): string {
    const shown = this.node(value, depth);
    return /^(?:async\b|function\b|\(.*=>)/.test(shown) ? `(${shown})` : shown;
  }

  private list(value: Value | null, between: string, depth: number): string {
    if (!(value instanceof Obj) || value.elements === null) return value === null ? '' : this.node(value, depth);
    return value.elements
      .slice(0, 200)
      .map((each) => this.node(each, depth))
      .join(between);
  }

  private template(value: Obj, depth: number): string {
    const quasis = field(value, 'quasis');
    const expressions = field(value, 'expressions');
    const parts = quasis instanceof Obj ? (quasis.elements ?? []) : [];
    const between = expressions instanceof Obj ? (expressions.elements ?? []) : [];
    const shown = parts.map((part, index) => {
      const inner = part instanceof Obj ? field(part, 'value') : null;
      const raw =
        inner instanceof Obj ? (textOf(inner, 'raw') ?? textOf(inner, 'cooked')) : knownText(inner ?? undefined);
      const next = between[index];
      return `${raw ?? ''}${next === undefined ? '' : `\${${this.node(next, depth - 1)}}`}`;
    });
    return `\`${shown.join('')}\``;
  }
}

function field(node: Obj, name: string): Value | null {
  const slot = node.own(name);
  if (slot === undefined || slot.kind === 'accessor') return null;
  return slot.kind === 'prim' && (slot.value === null || slot.value === undefined) ? null : slot;
}

function textOf(node: Obj, name: string): string | null {
  return knownText(field(node, name) ?? undefined);
}

function isTrue(node: Obj, name: string): boolean {
  const slot = node.own(name);
  return slot?.kind === 'prim' && slot.value === true;
}

function literal(value: Value | null): string {
  if (value === null) return 'null';
  return value.kind === 'prim' ? JSON.stringify(value.value) : `"${knownText(value) ?? HOLE}"`;
}
