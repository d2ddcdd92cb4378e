import { styleLeak } from '../../text/style-leaks.js';

/** Where it goes, at once: not to the page's own server. */
const SENDS =
  /(?:\bsendBeacon|(?<![.\w])fetch|\bnew\s+WebSocket)\s*\(\s*(?!["'`]\.{0,2}\/(?!\/))|\bnew\s+(?:XMLHttpRequest|Image)\b|\.src\s*=[^=]/;
/** What a page holds that is its visitor's alone: typed passwords and cards, the session. */
const PRIVATE =
  /\bdocument\s*\.\s*cookie\b|\bd\.cookie\b|type\s*[*^$]?=+\s*\\?["']?password|["'`]password["'`]|autocomplete\s*[*^$]?=\s*\\?["']?(?:cc-|current-password|one-time)|\bcc-(?:number|csc|exp)|\bcard.?number\b|\bcv[vc]2?\b|\bclipboardData\b|JSON\.stringify\(\s*(?:window\.)?(?:local|session)Storage\b/i;
/** What is called when somebody signs in sends what it gets to another host. */
const SESSION =
  /\.\s*on(?:log(?:ged)?_?in|sign(?:ed)?_?in|auth\w*|session\w*)\s*(?:\(|=)[\s\S]{0,240}?\b(?:sendBeacon|fetch|WebSocket|Image)\s*\(\s*(?:["'`](?:https?:|wss?:)?\/\/|\)\s*\.\s*src\s*=\s*["'`](?:https?:)?\/\/)/i;
const WALLET = /\b(?:ethereum|solana|phantom|tronWeb|tronLink|keplr)\b/;
const TRANSACTION =
  /\beth_sendTransaction\b|\beth_signTransaction\b|\bsign(?:And|All)?(?:Send)?Transactions?\b|\bsendTransaction\b|\ba9059cbb\b/;
/** Who is paid is put in. */
const PAYEE =
  /\.\s*(?:to|data|recipient)\s*=[^=]|\bto\s*:|["'`]0x[0-9a-fA-F]{40}["'`]|["'`][1-9A-HJ-NP-Za-km-z]{43,44}["'`]/;

/** What a host answers is made code: gathered or read as text, and soon after given to what compiles or starts. */
const RUNS_ANSWERS =
  /(?:\.on\(\s*\\?["'`]data\\?["'`]|\.text\(\s*\))[\s\S]{0,240}?(?:\beval\s*\)?\s*\(|\bFunction\s*\(|\bconstructor\b|\._compile\s*\(|\brunIn\w*Context\s*\(|\(\s*\\?["'`]require\\?["'`]\s*,|\bexec(?:Sync)?\s*\()/;
const ASKS = /\bfetch\s*\(|\.(?:get|request)\s*\(/;

/**
 * What code that is put into what others build is after: what is typed and kept in pages, the transactions of wallets, or to run
 * what a host answers; null where none is told.
 */
export function preyOf(code: string): string | null {
  if (ASKS.test(code) && RUNS_ANSWERS.test(code)) return 'code of a host, to run it';
  if (WALLET.test(code) && TRANSACTION.test(code) && PAYEE.test(code)) return 'transactions of wallets';
  const isSpying = (SENDS.test(code) && PRIVATE.test(code)) || SESSION.test(code) || styleLeak(code) !== null;
  return isSpying ? 'what is typed and kept in pages' : null;
}
