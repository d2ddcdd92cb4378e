import type * as t from '@babel/types';
import { factAt } from '../../fact.js';
import type { Manifest } from '../../manifest/index.js';
import type { Fact } from '../../observation.js';
import { isFunction, lastName } from '../access/syntax.js';
import { parseText } from '../parsing/parse.js';
import { ChanceReader } from './chance.js';
import { namesIn, walk } from './names.js';

const LARGEST = 400_000;
/** Bits that a single machine goes through. */
const FEW_BITS = 48;
const LEAST_BITS = 1;

const DRAWS =
  /\b(?:randomBytes|randomInt|getRandomValues|randomFillSync|pseudoRandomBytes)\s*\(|\bMath\.random\b|\bDate\.now\b|\bnew Date\b/;
const STRETCHES =
  /createHash|createHmac|sha-?\d|keccak|blake[23]|ripemd|pbkdf2|scrypt|hkdf|padStart|padEnd|\.repeat\(|\.fill\(|\.alloc\(/i;
const OF_KEYS =
  /secp256k1|ed25519|\bbip-?(?:32|39|44)\b|wallet|bitcoin|ethereum|solana|mnemonic|\bWIF\b|key ?pair|364141/i;
const CURVE = /secp256k1|ed25519|baaedce6af48a03bbfd25e8cd0364141|\bWIF\b/i;
const MAKES_KEYS =
  /\b(?:private|secret|signing) keys?\b|\b(?:paper|hd) wallets?\b|\bmnemonics?\b|\b(?:seed|recovery) phrases?\b|\bkey ?pairs?\b|\bvanity\b/i;
/** Keys that shall be foreseen, and are of worth to nobody. */
const FOR_TESTS =
  /\b(?:tests?|testing|mocks?|fakes?|dummy|fixtures?|demos?|toys?|examples?|samples?|playground|deterministic|brain ?wallets?|educational|learn\w*|tutorial)\b/i;
const TEST_NAME =
  /test|mock|fake|dummy|fixture|demo|toy|example|sample|dev(?:net)?key|nonce|salt|request|session|csrf|cache/i;

const KEY_NAME =
  /^[#_$]*(?:\w*?(?:private|priv|secret|signing|master)_?key(?:_?(?:hex|bytes|buffer|buf))?|mnemonic|seed_?phrase|entropy|wallet_?(?:key|seed))$/i;
const MAKER =
  /^(?:generate|gen|create|make|new|random)_?\w{0,12}?(?:private_?key|secret_?key|mnemonic|seed_?phrase|wallet|key_?pair|entropy)s?$/i;
const TAKES_KEY =
  /^(?:fromPrivateKey|fromSeed|fromMasterSeed|fromSecretKey|privateKeyTo\w+|keyFromPrivate|keyFromSecret|setPrivateKey|entropyToMnemonic|publicKeyCreate|getPublicKey|importPrivateKey|Wallet|SigningKey)$/;
/** What is short, or shown, and no key. */
const MAKES_OTHERS =
  /ids?$|name|nonce|salt|tag|sum|colou?r|token|code|pin|otp|label|avatar|icon|file|version|etag|digest$/i;
const CUT_SHORT = /^(?:slice|substring|substr|subarray|read\w*)$/;

/** Private keys and mnemonics that are made of so few random values that anybody can try them all, stretched to look like many. */
export function weakKeys(file: string, text: string, manifest: Manifest): Fact[] {
  if (text.length > LARGEST || !DRAWS.test(text) || !STRETCHES.test(text)) return [];
  const about = [manifest.name.replace(/[-_/@]/g, ' '), manifest.raw['description'], manifest.raw['keywords']]
    .flat()
    .join(' ');
  if ((!OF_KEYS.test(text) && !OF_KEYS.test(about)) || FOR_TESTS.test(about)) return [];
  if (/(?:^|\/)(?:tests?|__tests__|fixtures?|examples?|demos?|mocks?)\//i.test(file)) return [];
  try {
    const parsed = parseText(text, file);
    return 'program' in parsed ? keysIn(parsed.program, file, MAKES_KEYS.test(about) && CURVE.test(text)) : [];
  } catch (error) {
    // Code that is nested deeper than the stack is told of elsewhere.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function keysIn(program: t.Node, file: string, isOfKeys: boolean): Fact[] {
  const scopes = namesIn(program);
  const reader = new ChanceReader((node) => scopes.get(node) ?? null);
  const facts: Fact[] = [];
  const called = new Map<t.Node, string>();
  walk(program, scopes, (node, names, owner, parent) => {
    if (facts.length > 0) return;
    if (isFunction(node)) called.set(node, nameOf(node, parent));
    const made = madeBy(node, called.get(node) ?? '');
    const maker = called.get(owner) ?? '';
    const sure = made ?? keyAt(node, maker);
    const key = sure ?? (isOfKeys && !MAKES_OTHERS.test(maker) && isWhole(node, parent) ? node : null);
    if (key === null || TEST_NAME.test(maker)) return;
    const chance = reader.read(key, made === null ? names : (scopes.get(node) ?? names));
    if (
      chance === null ||
      !(sure === null ? chance.hashed : chance.stretched) ||
      chance.bits < LEAST_BITS ||
      chance.bits > FEW_BITS
    )
      return;
    const bits = Math.ceil(chance.bits);
    facts.push(
      factAt('weak-key', `a private key is one of 2^${bits} at most`, {
        file,
        line: key.loc?.start.line ?? 1,
        column: key.loc?.start.column ?? 0,
      }),
    );
  });
  return facts;
}

/** What becomes a key by its name, by the function that gives it back, or by who takes it. */
function keyAt(node: t.Node, owner: string): t.Node | null {
  switch (node.type) {
    case 'VariableDeclarator':
      return node.init && isKeyName(lastName(node.id)) ? node.init : null;
    case 'AssignmentExpression':
      return isKeyName(lastName(node.left)) ? node.right : null;
    case 'ObjectProperty':
      return isKeyName(lastName(node.key)) ? node.value : null;
    case 'ReturnStatement':
      return node.argument && MAKER.test(owner) ? node.argument : null;
    case 'CallExpression':
    case 'NewExpression': {
      const [first] = node.arguments;
      return first !== undefined && TAKES_KEY.test(lastName(node.callee) ?? '') ? first : null;
    }
    default:
      return null;
  }
}

function isKeyName(name: string | null): boolean {
  return name !== null && KEY_NAME.test(name) && !TEST_NAME.test(name);
}

/** A call whose result is taken as a whole, in a package that makes keys. */
function isWhole(node: t.Node, parent: t.Node | null): boolean {
  if (node.type !== 'CallExpression' || parent === null) return false;
  if (parent.type === 'MemberExpression') return false;
  const name = lastName(node.callee) ?? '';
  if (CUT_SHORT.test(name)) return false;
  const taker = parent.type === 'VariableDeclarator' ? lastName(parent.id) : null;
  return taker === null || !MAKES_OTHERS.test(taker);
}

/** What a function without a body of statements gives back, where it is called like one that makes keys. */
function madeBy(node: t.Node, name: string): t.Node | null {
  return node.type === 'ArrowFunctionExpression' && node.body.type !== 'BlockStatement' && MAKER.test(name)
    ? node.body
    : null;
}

/** What a function is called, by itself or by what it is bound to. */
function nameOf(node: t.Node, parent: t.Node | null): string {
  const { id, key } = node as { id?: t.Node | null; key?: t.Node };
  if (id) return lastName(id) ?? '';
  if (key) return lastName(key) ?? '';
  if (parent?.type === 'VariableDeclarator') return lastName(parent.id) ?? '';
  if (parent?.type === 'AssignmentExpression') return lastName(parent.left) ?? '';
  return parent?.type === 'ObjectProperty' || parent?.type === 'ClassProperty' ? (lastName(parent.key) ?? '') : '';
}
