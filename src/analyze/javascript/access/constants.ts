import type * as t from '@babel/types';
import { childrenOf } from '../parsing/babel.js';
import { isFunction, isMember, lastName, plain } from './syntax.js';

const MOST_DEPTH = 8;

/** Texts that an expression may be, as far as they stand in the code. */
export interface Texts {
  texts: string[];
  /** They were put together or decoded. */
  hidden: boolean;
}

/** What names of a file are bound to once, and never anything else. */
export class Constants {
  private readonly bound = new Map<string, t.Node>();
  private readonly changed = new Set<string>();
  /** Functions by name, where the name is theirs alone. */
  readonly functions = new Map<string, t.Node>();
  private readonly elsewhere: (name: string) => Texts | null;

  constructor(program: t.Node, elsewhere: (name: string) => Texts | null = () => null) {
    this.elsewhere = elsewhere;
    this.gather(program);
    for (const name of this.changed) {
      this.bound.delete(name);
      this.functions.delete(name);
    }
  }

  private bind(name: string, value: t.Node): void {
    if (this.bound.has(name)) this.changed.add(name);
    this.bound.set(name, value);
    if (isFunction(value)) this.functions.set(name, value);
  }

  private gather(node: t.Node): void {
    const stack = [node];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (at.type === 'VariableDeclarator' && at.id.type === 'Identifier' && at.init) this.bind(at.id.name, at.init);
      else if (at.type === 'FunctionDeclaration' && at.id) this.bind(at.id.name, at);
      else if (at.type === 'ClassProperty' || at.type === 'ClassPrivateProperty') {
        const name = lastName(at.key);
        if (name !== null && at.value) this.bind(`.${name}`, at.value);
      } else if (at.type === 'AssignmentExpression') {
        if (at.left.type === 'Identifier') this.changed.add(at.left.name);
        else {
          const name = lastName(at.left);
          if (name !== null) this.bind(`.${name}`, at.right);
        }
      }
      stack.push(...childrenOf(at).reverse());
    }
  }

  /** What a name stands for, where it is bound once. */
  valueOf(name: string): t.Node | undefined {
    return this.bound.get(name);
  }

  /** The texts that a file exports by a name. */
  exported(name: string): Texts | null {
    const all = this.bound.get('.exports');
    const fields = all === undefined ? null : plain(all);
    if (name === 'default' && all !== undefined) return this.textsOf(all);
    if (fields?.type === 'ObjectExpression') {
      const field = fields.properties.find((each) => each.type === 'ObjectProperty' && lastName(each.key) === name);
      if (field?.type === 'ObjectProperty') return this.textsOf(field.value);
    }
    const value = this.bound.get(name) ?? this.bound.get(`.${name}`);
    return value === undefined ? null : this.textsOf(value);
  }

  /** The texts of an expression; null where it is not all known. */
  textsOf(expression: t.Node, depth = 0): Texts | null {
    if (depth > MOST_DEPTH) return null;
    const node = plain(expression);
    switch (node.type) {
      case 'StringLiteral':
        return { texts: [node.value], hidden: false };
      case 'TemplateLiteral':
        return this.joined([...node.quasis.map((quasi) => quasi.value.cooked ?? '')], node.expressions, depth);
      case 'BinaryExpression':
        return node.operator === '+' ? this.added(node, depth) : null;
      case 'ArrayExpression':
        return this.all(node.elements, depth);
      case 'ObjectExpression':
        return keysOf(node);
      case 'Identifier': {
        const value = this.bound.get(node.name);
        const own = value === undefined ? null : this.textsOf(value, depth + 1);
        return own ?? this.elsewhere(node.name);
      }
      case 'MemberExpression':
      case 'OptionalMemberExpression':
        return this.member(node, depth);
      case 'CallExpression':
      case 'OptionalCallExpression':
      case 'NewExpression':
        return this.called(node, depth);
      default:
        return null;
    }
  }

  private joined(quasis: string[], expressions: readonly t.Node[], depth: number): Texts | null {
    let text = quasis[0] ?? '';
    for (const [index, each] of expressions.entries()) {
      const known = this.textsOf(each, depth + 1);
      if (known === null || known.texts.length !== 1) return null;
      text += `${known.texts[0]}${quasis[index + 1] ?? ''}`;
    }
    return { texts: [text], hidden: expressions.length > 0 };
  }

  private added(node: t.BinaryExpression, depth: number): Texts | null {
    const left = this.textsOf(node.left, depth + 1);
    const right = this.textsOf(node.right, depth + 1);
    if (left?.texts.length !== 1 || right?.texts.length !== 1) return null;
    return { texts: [`${left.texts[0]}${right.texts[0]}`], hidden: true };
  }

  private all(elements: readonly (t.Node | null)[], depth: number): Texts | null {
    const known = elements.map((each) => (each === null ? null : this.textsOf(each, depth + 1)));
    if (known.length === 0 || known.length > 200 || known.includes(null)) return null;
    return { texts: known.flatMap((each) => each?.texts ?? []), hidden: known.some((each) => each?.hidden === true) };
  }

  private member(node: t.MemberExpression | t.OptionalMemberExpression, depth: number): Texts | null {
    const name = lastName(node);
    if (name === null) return null;
    const owner = plain(node.object);
    const taken = owner.type === 'Identifier' ? this.elsewhere(`${owner.name}.${name}`) : null;
    if (taken !== null) return taken;
    const held = owner.type === 'Identifier' ? this.bound.get(owner.name) : undefined;
    if (held !== undefined && plain(held).type === 'ObjectExpression') {
      const found = (plain(held) as t.ObjectExpression).properties.find(
        (each) => each.type === 'ObjectProperty' && lastName(each.key) === name,
      );
      return found?.type === 'ObjectProperty' ? this.textsOf(found.value, depth + 1) : null;
    }
    if (held !== undefined && plain(held).type === 'CallExpression' && owner.type === 'Identifier') {
      const frozen = (plain(held) as t.CallExpression).arguments[0];
      if (frozen?.type === 'ObjectExpression') {
        const found = frozen.properties.find((each) => each.type === 'ObjectProperty' && lastName(each.key) === name);
        return found?.type === 'ObjectProperty' ? this.textsOf(found.value, depth + 1) : null;
      }
    }
    const isOwn =
      owner.type === 'ThisExpression' ||
      (owner.type === 'Identifier' && (owner.name === 'exports' || this.bound.get(owner.name)?.type === undefined));
    const value = isOwn && !this.changed.has(`.${name}`) ? this.bound.get(`.${name}`) : undefined;
    return value === undefined || owner.type === 'Identifier' ? null : this.textsOf(value, depth + 1);
  }

  private called(node: t.CallExpression | t.OptionalCallExpression | t.NewExpression, depth: number): Texts | null {
    const name = lastName(node.callee);
    const [first, second] = node.arguments;
    const callee = plain(node.callee);
    const owner = isMember(callee) ? plain(callee.object) : null;
    if ((name === 'Set' || name === 'freeze') && first) return this.textsOf(first, depth + 1);
    if (name === 'Map' && first?.type === 'ArrayExpression')
      return this.all(
        first.elements.map((each) => (each?.type === 'ArrayExpression' ? (each.elements[0] ?? null) : each)),
        depth,
      );
    if (name === 'fromCharCode' || name === 'fromCodePoint') {
      const codes = node.arguments.map((each) => (each.type === 'NumericLiteral' ? each.value : -1));
      return codes.length > 3 && codes.every((code) => code >= 0 && code < 0x10000)
        ? { texts: [String.fromCharCode(...codes)], hidden: true }
        : null;
    }
    if (name === 'from' && owner?.type === 'Identifier' && owner.name === 'Buffer' && first) {
      if (first.type === 'ArrayExpression') {
        const codes = first.elements.map((each) => (each?.type === 'NumericLiteral' ? each.value : -1));
        return codes.length > 3 && codes.every((code) => code > 31 && code < 127)
          ? { texts: [String.fromCharCode(...codes)], hidden: true }
          : null;
      }
      const known = this.textsOf(first, depth + 1);
      const encoding = second?.type === 'StringLiteral' ? second.value : 'utf8';
      if (known?.texts.length !== 1 || !/^(?:utf-?8|ascii|latin1|base64(?:url)?|hex)$/i.test(encoding)) return known;
      if (/^(?:utf|ascii|latin)/i.test(encoding)) return known;
      const text = Buffer.from(known.texts[0] as string, encoding as BufferEncoding).toString('latin1');
      // Bytes that are no text are a digest: what stands in the code is what counts.
      return /^[\x20-\x7e]+$/.test(text) ? { texts: [text], hidden: true } : known;
    }
    if (name === 'atob' && first) {
      const known = this.textsOf(first, depth + 1);
      return known?.texts.length === 1
        ? { texts: [Buffer.from(known.texts[0] as string, 'base64').toString('latin1')], hidden: true }
        : null;
    }
    if (owner === null || name === null) return null;
    if (/^(?:toString|valueOf|trim|normalize|slice|digest)$/.test(name) && node.arguments.length <= 1)
      return name === 'slice' && node.arguments.length > 0 ? null : this.textsOf(owner, depth + 1);
    if (name === 'join' || name === 'reverse' || name === 'split') return this.rejoined(owner, name, first, depth);
    return null;
  }

  private rejoined(owner: t.Node, name: string, first: t.Node | undefined, depth: number): Texts | null {
    const known = this.textsOf(owner, depth + 1);
    if (known === null) return null;
    const sign = first?.type === 'StringLiteral' ? first.value : null;
    if (name === 'reverse') return { texts: [...known.texts].reverse(), hidden: true };
    if (name === 'split')
      return known.texts.length === 1 && sign !== null
        ? { texts: (known.texts[0] as string).split(sign), hidden: true }
        : null;
    return sign === null ? null : { texts: [known.texts.join(sign)], hidden: true };
  }
}

function keysOf(node: t.ObjectExpression): Texts | null {
  const keys = node.properties.map((each) =>
    each.type === 'ObjectProperty' && !each.computed ? lastName(each.key) : null,
  );
  return keys.length === 0 || keys.includes(null) ? null : { texts: keys as string[], hidden: false };
}
