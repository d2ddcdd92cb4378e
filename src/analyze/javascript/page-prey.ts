/** Where it goes, at once: not to the page's own server. */
const SENDS =
  /(?:\bsendBeacon|(?<![.\w])fetch|\bnew\s+WebSocket)\s*\(\s*(?!["'`]\.{0,2}\/(?!\/))|\bnew\s+(?:XMLHttpRequest|Image)\b|\.src\s*=[^=]/;
/** What a page holds that is its visitor's alone: typed passwords and cards, the session. */
const PRIVATE =
  /\bdocument\s*\.\s*cookie\b|\bd\.cookie\b|type\s*[*^$]?=+\s*\\?["']?password|["'`]password["'`]|autocomplete\s*[*^$]?=\s*\\?["']?(?:cc-|current-password|one-time)|\bcc-(?:number|csc|exp)|\bcard.?number\b|\bcv[vc]2?\b|\bclipboardData\b/i;
const WALLET = /\b(?:ethereum|solana|phantom|tronWeb|tronLink|keplr)\b/;
const TRANSACTION =
  /\beth_sendTransaction\b|\beth_signTransaction\b|\bsign(?:And|All)?(?:Send)?Transactions?\b|\bsendTransaction\b|\ba9059cbb\b/;
/** Who is paid is put in. */
const PAYEE =
  /\.\s*(?:to|data|recipient)\s*=[^=]|\bto\s*:|["'`]0x[0-9a-fA-F]{40}["'`]|["'`][1-9A-HJ-NP-Za-km-z]{43,44}["'`]/;

/** What code for a page is after: what is typed and kept there, or the transactions of wallets; null where neither is told. */
export function preyOf(code: string): string | null {
  if (WALLET.test(code) && TRANSACTION.test(code) && PAYEE.test(code)) return 'transactions of wallets';
  return SENDS.test(code) && PRIVATE.test(code) ? 'what is typed and kept in pages' : null;
}
