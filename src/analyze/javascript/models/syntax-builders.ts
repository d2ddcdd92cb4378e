import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, knownText, Native, Obj, prim, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { codeHanded } from '../outside/handed-code.js';
import { CODE, isSyntax, printedSyntax } from '../outside/printed-syntax.js';

/** Functions that make nodes, and the fields that their arguments are; of Babel, recast and ast-types. */
const FIELDS: Record<string, string> = {
  identifier: 'name',
  stringLiteral: 'value',
  numericLiteral: 'value',
  booleanLiteral: 'value',
  nullLiteral: '',
  regExpLiteral: 'pattern flags',
  templateLiteral: 'quasis expressions',
  templateElement: 'value tail',
  thisExpression: '',
  callExpression: 'callee arguments',
  optionalCallExpression: 'callee arguments optional',
  newExpression: 'callee arguments',
  memberExpression: 'object property computed',
  optionalMemberExpression: 'object property computed optional',
  assignmentExpression: 'operator left right',
  binaryExpression: 'operator left right',
  logicalExpression: 'operator left right',
  unaryExpression: 'operator argument',
  awaitExpression: 'argument',
  spreadElement: 'argument',
  conditionalExpression: 'test consequent alternate',
  sequenceExpression: 'expressions',
  arrayExpression: 'elements',
  objectExpression: 'properties',
  objectProperty: 'key value computed',
  functionExpression: 'id params body',
  functionDeclaration: 'id params body',
  arrowFunctionExpression: 'params body async',
  variableDeclaration: 'kind declarations',
  variableDeclarator: 'id init',
  expressionStatement: 'expression',
  blockStatement: 'body',
  returnStatement: 'argument',
  ifStatement: 'test consequent alternate',
  tryStatement: 'block handler',
};

/** The same of the TypeScript compiler's factory, by the type that they come to. */
const FACTORY: Record<string, [type: string, fields: string]> = {
  createIdentifier: ['Identifier', 'name'],
  createStringLiteral: ['StringLiteral', 'value'],
  createNumericLiteral: ['NumericLiteral', 'value'],
  createCallExpression: ['CallExpression', 'callee - arguments'],
  createNewExpression: ['NewExpression', 'callee - arguments'],
  createPropertyAccessExpression: ['MemberExpression', 'object property'],
  createExpressionStatement: ['ExpressionStatement', 'expression'],
  createArrowFunction: ['ArrowFunctionExpression', '- - params - - body'],
  createBlock: ['BlockStatement', 'body'],
  createObjectLiteralExpression: ['ObjectExpression', 'properties'],
  createArrayLiteralExpression: ['ArrayExpression', 'elements'],
  createPropertyAssignment: ['ObjectProperty', 'key value'],
  createReturnStatement: ['ReturnStatement', 'argument'],
};

function builder(type: string, fields: string): Model {
  const names = fields === '' ? [] : fields.split(' ');
  return (I, call) => {
    if (names.length > 0 && call.args.length === 0) return undefined;
    // A name that is not known may be any value's method.
    if (type === 'Identifier' && knownText(call.args[0]) === null) return undefined;
    const node = I.object();
    node.props.set('type', prim(type));
    for (const [index, name] of names.entries()) {
      const value = call.args[index];
      if (name !== '-' && value !== undefined) node.props.set(name, value);
    }
    return node;
  };
}

/** Syntax that was made of a text: whatever of it is looked at is that text. */
function syntaxOf(I: Interpreter, code: string): Obj {
  const node = I.object();
  node.props.set(CODE, prim(code));
  node.rest = prim(code);
  return node;
}

/** `template(text)` gives a function that puts nodes into the places that the text names in capitals, `template.ast(text)` syntax. */
const template: Model = (I, call) => {
  const code = textOf(call.args);
  if (code === null || !isTemplate(call)) return undefined;
  if (I.entry.phase === 'import') codeHanded(I, call.path, [prim(code)], call.node, call.frame);
  if (call.path.endsWith('.ast')) return syntaxOf(I, code);
  return new Native((args) => syntaxOf(I, filled(code, args[0])));
};

const OF_TEMPLATE = /(?:^|[./])template(?:\.default)?(?:\.(?:smart|statements?|expression|program))?$/;

function isTemplate({ path, self }: Call): boolean {
  return OF_TEMPLATE.test(path) || (self instanceof Api && (OF_TEMPLATE.test(self.path) || isPart(self)));
}

/** `template.statements.ast` */
function isPart({ path, self }: Api): boolean {
  return /\.(?:smart|statements?|expression|program)$/.test(path) && self instanceof Api && OF_TEMPLATE.test(self.path);
}

/** The text, or what a tag gets: the parts of it, and what stands between. */
function textOf([first, ...values]: readonly Value[]): string | null {
  if (!(first instanceof Obj)) return first?.kind === 'prim' || first?.kind === 'text' ? knownText(first) : null;
  if (first.elements === null || first.own('raw') === undefined) return null;
  return first.elements
    .map((part, index) => `${knownText(part) ?? ''}${values[index] === undefined ? '' : placed(values[index])}`)
    .join('');
}

function placed(value: Value): string {
  return isSyntax(value) ? printedSyntax(value) : (knownText(value) ?? 'it');
}

const MOST_PLACES = 20;

function filled(code: string, places: Value | undefined): string {
  if (!(places instanceof Obj) || places.bare) return code;
  let out = code;
  for (const [name, slot] of [...places.props].slice(0, MOST_PLACES)) {
    if (slot.kind === 'accessor' || !/^[$\w]+$/.test(name)) continue;
    const shown = placed(slot);
    out = out.replace(
      new RegExp(`%%${name.replaceAll('$', '\\$')}%%|(?<![$\\w.])${name.replaceAll('$', '\\$')}(?![$\\w])`, 'g'),
      () => shown,
    );
  }
  return out;
}

const BUILDERS = [
  '?',
  '@babel/types',
  '@babel/core.types',
  'babel-types',
  'recast.types.builders',
  'ast-types.builders',
];
const FACTORIES = ['?', 'typescript.factory', 'typescript.default.factory', 'typescript'];
const TEMPLATES = [
  ...['?', '@babel/core'].map((root) => `${root}.template`),
  ...['@babel/template', '@babel/template.default', 'babel-template'],
];
const PARTS = ['smart', 'statement', 'statements', 'expression', 'program', 'ast'];

/** Models of what makes syntax trees: code that a compiler's plugin writes into others' is read as the code that it is. */
export const SYNTAX_BUILDERS: [string, Model][] = [
  ...Object.entries(FIELDS).flatMap(([name, fields]) => {
    const model = builder(name.charAt(0).toUpperCase() + name.slice(1), fields);
    return BUILDERS.map((root): [string, Model] => [`${root}.${name}`, model]);
  }),
  ...Object.entries(FACTORY).flatMap(([name, [type, fields]]) =>
    FACTORIES.map((root): [string, Model] => [`${root}.${name}`, builder(type, fields)]),
  ),
  ...TEMPLATES.map((path): [string, Model] => [path, template]),
  ...PARTS.flatMap((part) => [
    [`?.${part}`, template] as [string, Model],
    ...TEMPLATES.slice(1).map((path): [string, Model] => [`${path}.${part}`, template]),
  ]),
];
