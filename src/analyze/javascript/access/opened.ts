import type * as t from '@babel/types';
import { isCall, isFunction, isMember, lastName, plain, some } from './syntax.js';

/** What a branch gives whoever gets into it. */
export type Gift = 'rights' | 'query' | 'passage';

export const RIGHTS =
  /^_?(?:(?:current|auth|session|request)?user|roles?|is_?(?:super_?)?(?:admin|user|root|staff|owner|auth\w*|logged_?in|verified|trusted|allowed)|(?:super)?admin|superuser|authenticated|authori[sz]ed|allowed|granted|permissions?|scopes?|privileges?|principal|identity|account|claims|logged_?in|skip_?auth\w*|bypass\w*|trusted|access(?:_?level)?)$/i;
/** Fields of an object that tell what somebody may do. */
const TELLS_RIGHTS =
  /^_?(?:roles?|is_?(?:super_?)?(?:admin|root|staff|superuser)|(?:super)?admin|superuser|permissions?|scopes?|privileges?|access_?level)$/i;
const ISSUES =
  /^(?:sign|jwtSign|issue\w*|(?:create|generate|make|mint|new|start|open|regenerate|establish)_?(?:access|auth|session|jwt|user)*_?(?:token|session|jwt)|logIn|login|log_?in|grant\w*|elevate\w*|impersonate\w*|sign_?in\w*)$/i;
const TAUTOLOGY = /\b(\d+|true)\s*=\s*\1\b|(['"])(\w*)\2\s*=\s*\2\3\2|\bWHERE\s+TRUE\b|\bOR\s+TRUE\b/i;
const DENIES =
  /unauthori[sz]ed|forbidden|denied|invalid|not[ _-]?allowed|reject|expired|revoked|blocked|banned|disabled|insecure|refus|fail|compromised|leaked|must be (?:changed|set)|warn/i;
const REFUSING =
  /^(?:reject|fail|deny|denied|unauthori[sz]ed|forbidden|block|refuse|throw\w*|abort|ban|invalid\w*|\w*Error)$/i;
const ANSWERS = /^(?:next|resolve|accept|proceed|allow|grant|succeed|success|pass|done|cb|callback|ok)$/i;
const CHECKS =
  /verif|compare|authenticat|authori[sz]|timingsafe|validat|hmac|hash|find|lookup|has_?(?:role|perm|scope|access)|allow|check|query|bcrypt|argon|scrypt|jwt|equal|match|signature|permission|can[A-Z]|introspect|decode|decrypt|password|session/i;

/** Whether something is asked for there, so that somebody without the word is looked at. */
export function asksOtherwise(nodes: readonly t.Node[], isOfWords: (test: t.Node) => boolean): boolean {
  return nodes.some((node) =>
    some(
      node,
      (each) =>
        (isCall(each) && CHECKS.test(calledName(each)) && !ANSWERS.test(lastName(each.callee) ?? '')) ||
        (each.type === 'IfStatement' && !isOfWords(each.test)) ||
        each.type === 'SwitchStatement' ||
        (each.type === 'ReturnStatement' &&
          each.argument != null &&
          /^(?:LogicalExpression|BinaryExpression|ConditionalExpression)$/.test(plain(each.argument).type)),
    ),
  );
}

/** Whether an expression looks at something itself, and not only whether it is there. */
export function isCheck(node: t.Node): boolean {
  return some(node, (each) => isCall(each) && CHECKS.test(calledName(each)), true);
}

function calledName(call: { callee: t.Node }): string {
  const callee = plain(call.callee);
  return `${isMember(callee) ? (lastName(callee.object) ?? '') : ''}.${lastName(callee) ?? ''}`;
}

/** Whether somebody is turned away there. */
export function turnsAway(nodes: readonly t.Node[]): boolean {
  return nodes.some((node) => some(node, isDenial) || some(node, (each) => speaks(each) && some(each, saysNo)));
}

/** Whether a branch ends there for whoever gets into it, who is turned away. */
export function sendsAway(branch: t.Node): boolean {
  const last = branch.type === 'BlockStatement' ? branch.body.at(-1) : branch;
  return (
    last !== undefined &&
    /^(?:ReturnStatement|ThrowStatement|ExpressionStatement)$/.test(last.type) &&
    turnsAway([branch])
  );
}

/** What gives an answer to somebody: what is only logged turns nobody away. */
function speaks(node: t.Node): boolean {
  if (node.type === 'ReturnStatement') return true;
  return (
    isCall(node) &&
    /^(?:json|send|sendStatus|end|status|render|redirect|text|write|writeHead|next|code)$/.test(
      lastName(node.callee) ?? '',
    )
  );
}

function saysNo(node: t.Node): boolean {
  return isText(node) && node.loc != null && textOf(node).length < 200 && DENIES.test(textOf(node));
}

function isDenial(node: t.Node): boolean {
  switch (node.type) {
    case 'ThrowStatement':
      return true;
    case 'NumericLiteral':
      return node.value >= 400 && node.value < 500;
    case 'ReturnStatement':
      return node.argument != null && isNothing(node.argument);
    case 'CallExpression':
    case 'OptionalCallExpression':
      return refuses(node);
    case 'NewExpression':
      return /Error$/.test(lastName(node.callee) ?? '');
    case 'ObjectProperty':
      return (
        /^(?:ok|valid|success|authenticated|allowed|authori[sz]ed)$/i.test(lastName(node.key) ?? '') &&
        isNothing(node.value)
      );
    default:
      return false;
  }
}

function refuses(node: t.CallExpression | t.OptionalCallExpression): boolean {
  const name = lastName(node.callee) ?? '';
  const [first, second] = node.arguments;
  if (REFUSING.test(name)) return true;
  // `next(error)`, `done(null, false)`.
  if (!/^(?:next|done|cb|callback)$/.test(name) || !first) return false;
  return (
    (!isNothing(first) && name !== 'next' && !second) ||
    (name === 'next' && !isNothing(first)) ||
    (second !== undefined && isNothing(second))
  );
}

function isNothing(expression: t.Node): boolean {
  const node = plain(expression);
  return (
    node.type === 'NullLiteral' ||
    (node.type === 'BooleanLiteral' && !node.value) ||
    (node.type === 'NumericLiteral' && node.value === 0) ||
    (node.type === 'StringLiteral' && node.value === '') ||
    (node.type === 'Identifier' && node.name === 'undefined') ||
    (node.type === 'UnaryExpression' &&
      /^(?:void|!)$/.test(node.operator) &&
      node.argument.type === 'NumericLiteral' &&
      (node.operator === 'void' || node.argument.value !== 0)) ||
    (node.type === 'ArrayExpression' && node.elements.length === 0)
  );
}

/** What whoever gets there is given; null where it is nothing, or a refusal. */
export function giftOf(branch: readonly t.Node[]): Gift | null {
  if (turnsAway(branch)) return null;
  if (branch.some((node) => some(node, givesRights))) return 'rights';
  if (branch.some((node) => some(node, (each) => isText(each) && TAUTOLOGY.test(textOf(each)), true))) return 'query';
  return branch.some((node) => some(node, letsPass)) ? 'passage' : null;
}

/** Whether a branch says what somebody may do, and not only who it is. */
export function tellsRights(branch: readonly t.Node[]): boolean {
  return branch.some((node) =>
    some(node, (each) =>
      each.type === 'AssignmentExpression'
        ? TELLS_RIGHTS.test(lastName(each.left) ?? '') && !isNothing(each.right)
        : each.type === 'ObjectProperty' && TELLS_RIGHTS.test(lastName(each.key) ?? '') && !isNothing(each.value),
    ),
  );
}

function givesRights(node: t.Node): boolean {
  if (node.type === 'AssignmentExpression')
    return RIGHTS.test(lastName(node.left) ?? '') && !isNothing(node.right) && node.operator !== '-=';
  if (node.type === 'ObjectProperty')
    return TELLS_RIGHTS.test(lastName(node.key) ?? '') && !isNothing(node.value) && !isFunction(node.value);
  return isCall(node) && ISSUES.test(lastName(node.callee) ?? '');
}

function isText(node: t.Node): boolean {
  return node.type === 'StringLiteral' || node.type === 'TemplateElement';
}

function textOf(node: t.Node): string {
  return node.type === 'StringLiteral' ? node.value : node.type === 'TemplateElement' ? node.value.raw : '';
}

function letsPass(node: t.Node): boolean {
  if (node.type === 'ReturnStatement') return node.argument != null && isPassed(node.argument);
  if (node.type !== 'ExpressionStatement') return false;
  const call = plain(node.expression);
  return isCall(call) && ANSWERS.test(lastName(call.callee) ?? '') && !isDenial(call);
}

/** What stands for yes where it is given back: a value, `true`, `next()`, `done(null, user)`. */
export function isPassed(expression: t.Node): boolean {
  const node = plain(expression);
  if (node.type === 'BooleanLiteral') return node.value;
  if (node.type === 'UnaryExpression')
    return node.operator === '!' && node.argument.type === 'NumericLiteral' && node.argument.value === 0;
  if (node.type === 'NumericLiteral') return node.value === 1;
  if (isCall(node)) {
    const name = lastName(node.callee) ?? '';
    return ANSWERS.test(name) ? !isDenial(node) : !CHECKS.test(calledName(node)) && !isDenial(node);
  }
  return /^(?:Identifier|MemberExpression|ObjectExpression)$/.test(node.type) && !isNothing(node);
}

/** Whether a function calls on whoever comes next in a chain of handlers. */
export function isPassageOnly(branch: readonly t.Node[]): boolean {
  return branch.some((node) =>
    some(
      node,
      (each) => isCall(each) && /^(?:next|accept|cb|done|callback|proceed|resolve)$/.test(lastName(each.callee) ?? ''),
    ),
  );
}

/** The texts and numbers of a file that turn somebody away. */
export const TURNS_AWAY =
  /\b40[13]\b|unauthori[sz]ed|forbidden|access[ _-]?denied|not[ _-]?allowed|not authenticated|invalid (?:credentials|token|signature|password|api)/i;
