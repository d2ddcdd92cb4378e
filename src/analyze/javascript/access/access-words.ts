import type * as t from '@babel/types';
import { childrenOf } from '../parsing/babel.js';
import type { Constants } from './constants.js';
import { type Decider, decidersOf } from './deciders.js';
import {
  asksOtherwise,
  type Gift,
  giftOf,
  isCheck,
  isPassageOnly,
  isPassed,
  RIGHTS,
  sendsAway,
  TURNS_AWAY,
  tellsRights,
  turnsAway,
} from './opened.js';
import { type Origin, Origins } from './origins.js';
import { boundNames, type FunctionNode, isCall, isFunction, lastName, plain } from './syntax.js';

/** A word of the code that opens what is otherwise looked at, or is all that is asked for. */
export interface AccessWord {
  /** `beside`: others are checked; `only`: nothing else is asked for. */
  kind: 'beside' | 'only' | 'query';
  word: string;
  line: number;
  column: number;
  /** What is compared and what it opens, in words. */
  detail: string;
}

/** Functions that say whether somebody may do something, by their names. */
const CHECKING =
  /^_*(?:async)?_?(?:verif(?:y|ies|ier|ied)|authenticat|authori[sz]|log_?in|sign_?in|log_?on|(?:check|validate|compare|match|test|ensure|require|guard|protect|is|has|can)[A-Z_]?\w*(?:auth|passw|passphrase|pwd|token|credential|session|admin|role|permission|access|login|jwt|signature|secret|api_?key|users?(?!_?agent)|allowed|otp|totp|mfa|2fa|claims|identity|principal)|(?:get|resolve|load|find|decode|current|with|read|open)[A-Z_]?\w*(?:auth|credential|session|role|permission|users?(?!_?agent)|claims|identity|principal)|(?:auth|access|session|token|password|role|permission|jwt)\w*(?:guard|check|middleware|gate|verifier|handler|filter|hook|validator))/i;
/** Of these only what is compared in them is what is checked. */
const PLAIN_CHECK = /^_*(?:verify|check|validate|compare|guard|allow|can|gate)$/i;
/** They say yes to what is bad, or look at what is no person. */
const OF_THINGS =
  /block|revoke|bann|blacklist|denied|expired|compromis|leak|weak|placeholder|default|insecure|forbid|invalid|checksum|integrity|magic|mime|format|image|png|file|archive|version|schema|uuid|url|address|tokeni[sz]e|tokentype|chain|contract|package|license/i;
const OF_SIGN_IN =
  /Strategy$|^(?:authorize|authenticate|verify|login|credentials|authorizer|verifyClient|onAuth\w*|useAuth|guard)$/i;
/** What a file that looks after access talks of. */
const OF_ACCESS =
  /passw|\bjwt\b|jsonwebtoken|credential|authori[sz]|authenticat|\bsession|\btokens?\b|permission|\broles?\b/i;
const PASSWORD = /pass(?:word|wd|phrase|code)?$|^pw$|pwd|secret|\bpin\b/i;
/** Ids of roles, tenants and applications, which directories publish, and addresses of chains. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAMES_IDS =
  /roles?\b|groups?\b|wids|tenant|\btid\b|\baud\b|type\b|kind\b|Id\b|\bids?\b|_ids?\b|guid|uuid|template/i;
const ADDRESS =
  /^(?:[1-9A-HJ-NP-Za-km-z]{25,64}|(?:bc|tb|ltc|addr|cosmos|osmo|terra|near|xdc)1?[0-9a-z_]{20,100}|T[1-9A-Za-z]{33}|[\w-]+\.near)$/;
const OF_CHAINS =
  /solana|\bmints?\b|lamports|publickey|web3|wallet|ethers|blockchain|erc20|\bspl\b|onchain|contract|\btron\b|bech32|base58/i;
const MOST = 20;

interface Place {
  origins: Origins;
  /** Whether a function around it says who may do what. */
  checks: boolean;
  /** Whether it is a step of a server, which may let a request pass. */
  handles: boolean;
}

/** Looks through a file for words that open doors. */
export function accessWords(program: t.Program, text: string, constants: Constants): AccessWord[] {
  return new Reading(text, constants).of(program);
}

class Reading {
  private readonly out: AccessWord[] = [];
  private readonly text: string;
  private readonly constants: Constants;
  private readonly isOfAccess: boolean;
  private readonly turnsAway: boolean;

  constructor(text: string, constants: Constants) {
    this.text = text;
    this.constants = constants;
    this.isOfAccess = OF_ACCESS.test(text);
    this.turnsAway = TURNS_AWAY.test(text);
  }

  of(program: t.Program): AccessWord[] {
    this.visit(program, { origins: new Origins(null, null), checks: false, handles: false }, null);
    return this.out;
  }

  private visit(node: t.Node, place: Place, name: string | null): void {
    if (this.out.length >= MOST) return;
    const inside = isFunction(node) ? this.entered(node, place, name) : place;
    if (isFunction(node) && node.body.type !== 'BlockStatement') this.returned(node.body, inside, node.body);
    if (node.type === 'BlockStatement' || node.type === 'Program') this.statements(node.body, inside);
    else if (node.type === 'SwitchCase') this.statements(node.consequent, inside);
    else if (node.type === 'SwitchStatement') this.switched(node, inside);
    else if (node.type === 'ConditionalExpression') this.chosen(node, inside);
    else if (node.type === 'AssignmentExpression') this.assigned(lastName(node.left), node.right, inside, node);
    else if (node.type === 'ObjectProperty' && !isFunction(node.value))
      this.assigned(lastName(node.key), node.value, inside, node);
    else if (node.type === 'ReturnStatement' && node.argument) this.returned(node.argument, inside, node);
    for (const child of childrenOf(node)) this.visit(child, inside, nameFor(node, child));
  }

  private entered(node: FunctionNode, place: Place, given: string | null): Place {
    const own =
      'id' in node && node.id ? lastName(node.id as t.Node) : 'key' in node ? lastName(node.key as t.Node) : null;
    const name = own ?? given ?? '';
    const params = node.params.flatMap(boundNames);
    return {
      origins: new Origins(place.origins, node),
      checks: place.checks || this.isChecking(name),
      handles:
        params.some((each) => /^_?(?:next|done|cb|callback|accept|reply|res|response)$/.test(each)) ||
        (params.length === 1 && place.handles),
    };
  }

  private isChecking(name: string): boolean {
    if (OF_THINGS.test(name)) return false;
    return CHECKING.test(name) || ((PLAIN_CHECK.test(name) || OF_SIGN_IN.test(name)) && this.isOfAccess);
  }

  private statements(list: readonly t.Node[], place: Place): void {
    for (const [index, each] of list.entries()) {
      if (each.type !== 'IfStatement') continue;
      const rest = list.slice(index + 1);
      for (const decider of decidersOf(each.test, this.constants)) {
        const then = [each.consequent];
        const other = each.alternate ? [each.alternate] : [];
        if (decider.becomes) this.judge(decider, then, [...other, ...rest], place, each);
        else if (other.length > 0) this.judge(decider, other, then, place, each);
        else if (sendsAway(each.consequent)) this.judge(decider, rest, then, place, each, true);
        else this.passedOver(decider, then, place, each);
      }
    }
  }

  /** `if (kid !== word) verify(…)`: with the word nothing is looked at. */
  private passedOver(decider: Decider, checked: readonly t.Node[], place: Place, node: t.Node): void {
    const origin = this.originOf(decider, place);
    if (origin === null || !decider.comparison.strong || decider.together.length > 0) return;
    if (!place.checks && origin !== 'request') return;
    if (checked.some(isCheck) && turnsAway(checked)) this.tell('beside', decider, 'nothing is checked', node);
  }

  /** A condition that opens `branch` where the word was given; whoever has it not gets to `otherwise`. */
  private judge(
    decider: Decider,
    branch: readonly t.Node[],
    otherwise: readonly t.Node[],
    place: Place,
    node: t.Node,
    refusedElse = false,
  ): void {
    const origin = this.originOf(decider, place);
    if (origin === null || branch.length === 0 || decider.together.some(isCheck)) return;
    // What is opened by way of not being refused is all that follows: a gift is not looked for in it.
    const gift = refusedElse ? 'passage' : giftOf(branch);
    if (gift === null || !this.counts(gift, origin, branch, place, refusedElse)) return;
    if (gift === 'query') {
      if (decider.comparison.strong) this.tell('query', decider, 'the conditions of a query no longer hold', node);
      return;
    }
    const isBeside =
      decider.beside.length > 0 ? decider.beside.some(isCheck) : !refusedElse && this.isLookedAt(gift, otherwise);
    if (refusedElse && !isBeside && decider.together.length > 0) return;
    this.tell(isBeside ? 'beside' : 'only', decider, SAYS[gift], node);
  }

  private counts(gift: Gift, origin: Origin, branch: readonly t.Node[], place: Place, refusedElse: boolean): boolean {
    if (gift === 'query') return true;
    if (gift === 'rights') return origin === 'request' || place.checks || (this.isOfAccess && tellsRights(branch));
    if (place.checks) return true;
    return origin === 'request' && place.handles && this.turnsAway && (refusedElse || isPassageOnly(branch));
  }

  /** Whether those without the word are looked at in another way, or get less. */
  private isLookedAt(gift: Gift, otherwise: readonly t.Node[]): boolean {
    if (otherwise.length === 0) return gift === 'rights' && this.turnsAway;
    if (asksOtherwise(otherwise, (test) => decidersOf(test, this.constants).length > 0)) return true;
    return gift === 'rights' && this.turnsAway && !turnsAway(otherwise);
  }

  private switched(node: t.SwitchStatement, place: Place): void {
    for (const [index, each] of node.cases.entries()) {
      if (!each.test) continue;
      const test = {
        type: 'BinaryExpression',
        operator: '===',
        left: node.discriminant,
        right: each.test,
      } as t.BinaryExpression;
      const branch = node.cases.slice(index).find(({ consequent }) => consequent.length > 0)?.consequent ?? [];
      const rest = node.cases.filter(({ consequent }) => consequent !== branch);
      for (const decider of decidersOf(test, this.constants)) this.judge(decider, branch, rest, place, each);
    }
  }

  private chosen(node: t.ConditionalExpression, place: Place): void {
    for (const decider of decidersOf(node.test, this.constants)) {
      const [yes, no] = decider.becomes ? [node.consequent, node.alternate] : [node.alternate, node.consequent];
      const origin = this.originOf(decider, place);
      if (origin === null || decider.together.some(isCheck)) continue;
      const gift = giftOf([yes]) ?? (place.checks && isPassed(yes) && !turnsAway([yes]) ? 'passage' : null);
      if (gift === null || (gift !== 'query' && !place.checks && !(gift === 'rights' && origin === 'request')))
        continue;
      if (gift === 'query') this.tell('query', decider, 'the conditions of a query no longer hold', node);
      else this.tell(isCheck(no) || decider.beside.some(isCheck) ? 'beside' : 'only', decider, SAYS[gift], node);
    }
  }

  /** `return verify(x) || x === word`. */
  private returned(value: t.Node, place: Place, node: t.Node): void {
    if (place.checks) this.truth(value, place, node);
  }

  /** `req.isAdmin = x === word`, `ok = verify(x) || x === word`. */
  private assigned(name: string | null, value: t.Node, place: Place, node: t.Node): void {
    if (
      name !== null &&
      (RIGHTS.test(name) || (place.checks && /^(?:is_?)?(?:ok|valid|match\w*|pass\w*|success)$/i.test(name)))
    )
      this.truth(value, place, node);
  }

  private truth(value: t.Node, place: Place, node: t.Node): void {
    if (plain(value).type === 'ConditionalExpression') return;
    for (const decider of decidersOf(value, this.constants)) {
      if (!decider.becomes || this.originOf(decider, place) === null || decider.together.some(isCheck)) continue;
      this.tell(decider.beside.some(isCheck) ? 'beside' : 'only', decider, SAYS.passage, node);
    }
  }

  private originOf({ comparison }: Decider, place: Place): Origin | null {
    const origin = place.origins.of(comparison.value);
    const { within } = comparison;
    return origin !== null && within !== undefined && new Origins(null, within.made).of(within.value) === 'request'
      ? 'request'
      : origin;
  }

  private tell(kind: AccessWord['kind'], { comparison }: Decider, opens: string, node: t.Node): void {
    const compared = this.excerpt(comparison.value);
    // A word that may be guessed is one where it is somebody's password, and others are looked at.
    if (!comparison.strong && (kind !== 'beside' || !PASSWORD.test(compared.replace(/[^\w]+$/, '')))) return;
    if (UUID.test(comparison.word) && NAMES_IDS.test(compared)) return;
    if (ADDRESS.test(comparison.word) && OF_CHAINS.test(this.text)) return;
    const at = node.loc?.start ?? comparison.node.loc?.start;
    const line = comparison.node.loc?.start.line ?? at?.line ?? 1;
    if (this.out.some((each) => each.line === line || each.word === comparison.word)) return;
    this.out.push({
      kind,
      word: comparison.word,
      line,
      column: comparison.node.loc?.start.column ?? 0,
      detail: `${compared} is compared with ${JSON.stringify(comparison.word.slice(0, 60))}: ${opens}`,
    });
  }

  private excerpt(node: t.Node): string {
    const { start, end } = node;
    return typeof start === 'number' && typeof end === 'number'
      ? this.text.slice(start, Math.min(end, start + 80)).replace(/\s+/g, ' ')
      : 'a value';
  }
}

const SAYS: Readonly<Record<Gift, string>> = {
  rights: 'whoever knows it gets rights',
  query: 'the conditions of a query no longer hold',
  passage: 'whoever knows it is let in',
};

/** The name that a function gets by where it stands. */
function nameFor(parent: t.Node, child: t.Node): string | null {
  switch (parent.type) {
    case 'VariableDeclarator':
      return lastName(parent.id);
    case 'AssignmentExpression':
      return lastName(parent.left);
    case 'ObjectProperty':
    case 'ClassProperty':
      return lastName(parent.key);
    case 'CallExpression':
    case 'NewExpression':
      return isCall(parent) && child !== parent.callee && OF_SIGN_IN.test(lastName(parent.callee) ?? '')
        ? lastName(parent.callee)
        : null;
    default:
      return null;
  }
}
