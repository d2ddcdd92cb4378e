/** Tells by its letters whether a literal is a word that nobody guesses, or one that a protocol, format or manual knows. */

const SHORTEST = 8;
const LONGEST = 200;

/** Names of algorithms, curves, encodings, formats, versions and machines, in which digits stand beside letters. */
const NAMED =
  /^(?:v?\d+(?:(?:alpha|beta|rc|preview|dev|canary|next)\d*)?|v\d+(?:p\d+)?(?:alpha|beta|rc)\d+|(?:sha|hs|rs|es|ps|aes|a|rsa|dsa|ecdsa|ecdh|ed|x|curve|secp|sect|prime|brainpoolp|wtls|nist|p|k|b|md|crc|ripemd|rmd|blake|keccak|shake|chacha|poly|salsa|rc|3?des|cast|idea|gost|sm|pbkdf|pbes|hkdf|oauth|utf|ucs|iso|windows|cp|koi|gb|big|euc|mp|h|avc?|vp|hev|hvc|ipv|http|html|css|es|ecma|v|base|win|arm|amd|mips|ppc|riscv|s|linux|darwin|u|i|uint|int|float|ml|dsa|kem|kyber|xmss|ff|bls|bn|fp|aws|gpt|argon|o|web|node|php|level|l|g|t|m|n|d|c|e|w|y|z)\d{1,5}(?:k|k1|t1|t\d+|r\d|v\d|le|be|url|ph|ctx|js|gcm|cbc|ctr|ccm|kw|gcmkw|rsa|ecdsa|sha\d+|rsasha\d+|withrsa(?:encryption)?|base\d+|pss|oaep|bit|bits|byte|nonce|poly\d+|g\d|o|s|b|a|n|x|e\d*|xo|asm|request|crypt)?|x86|x64|3des|(?:a11y|i18n|l10n|g11n|m17n|c14n|k8s)|\d{1,4}(?:px|em|ms|kb|mb|gb|st|nd|rd|th|x\d{1,4}|k|d|s|h|m|bit|bits)|[a-z]+\d{0,2}of\d+|(?:[ap]m)?\d+[tz]\d+z?|t\d+z)$/i;
/** Keys and values that specifications and manuals print, and digests of nothing. */
const PUBLISHED =
  /^(?:258eafa5-e914-47da-95ca-c5ab0dc85b11|6ba7b81[0-4]-9dad-11d1-80b4-00c04fd430c8|9188040d-6c67-4c5b-b112-36a304b66dad|f8cdef31-a31e-4b4a-93e4-5f571e91255a|d41d8cd98f00b204e9800998ecf8427e|da39a3ee5e6b4b0d3255bfef95601890afd80709|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855|47deqpj8hbsa-?\/?.*|2jmj7l5rsw0yvb\/vlwaykk\/ybwk=|1b2m2y8asgtpgamy7phcfg==|cf83e1357eefb8bdf1542850d66d8007.*|dghlihnhbxbszsbub25jzq==|s3pplmbitxaq9kygzzhzrbk\+xoo=|akiaiosfodnn7example|wjalrxutnfemi\/.*|qwxhzgrpbjpvcgvuihnlc2ftzq==|your[-_].*|.*-0000-1000-8000-00805f9b34fb)$/i;
/** Data of vendors' sandboxes, and what stands in place of a key. */
const SAMPLE =
  /(?:^|[^a-z])(?:sk|pk|rk)_test_|^whsec_|^6LeIxAcT|example|sample|placeholder|change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|it|with)|dummy|your[-_ ]?(?:secret|key|token|api)|insert[-_ ]|xxxx|lorem|foo|insecure|not[-_]?(?:so|very)?[-_]?secret|default|undefined|object Object/i;
/** MIME types, addresses, paths, patterns of times, selectors, methods of contracts, pieces of languages. */
const OTHER_KIND =
  /^(?:application|audio|video|image|text|multipart|font|model|message)\/|:\/\/|^urn:|^[./]|^\d{4}-\d\d-\d\d|^0x|^#|^@|^--|^(?:https?|wss?|data|blob|file|mailto|node|npm|ipfs|did|oid|uuid):|^rgba?\(|\.(?:com|org|net|io|dev|js|mjs|ts|json|html?|xml|png|svg|css|example)$|^[\w.]+\([^)]*\)$|^(?:Basic|Bearer|Digest|Negotiate)$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/i;
/** Words in the spelling of those who put digits in the place of letters. */
const COMMON =
  /pas+w|admin|secret|letmein|welcome|changeme|qwert|hello|login|guest|master(?:key)?$|super|test|demo|user|token|root|trust|dragon|monkey|iloveyou|sesame|apikey/i;
const LEET: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' };

/** Whether a literal is one that nobody comes by without knowing it: `c81f-maint-0`, `7b1e0c94d2`. */
export function isUnguessable(text: string): boolean {
  if (!isCandidate(text)) return false;
  if (/^\$2[aby]\$\d\d\$[./\w]{53}$|^\$(?:argon2\w*|scrypt)\$/.test(text)) return true;
  const pieces = text.match(/[A-Za-z0-9]+/g) ?? [];
  return pieces.some(isMixed) && variety(text) >= 5 && !isCounted(text);
}

/** Whether a text may be the password of somebody: letters with digits or other signs, though it may be made of a word. */
export function isPasswordLike(text: string): boolean {
  return (
    isCandidate(text) && /[a-z]/i.test(text) && /[0-9!#$%^&*?+~]/.test(text) && !isCounted(text) && !isCommon(text)
  );
}

function isCandidate(text: string): boolean {
  return (
    text.length >= SHORTEST &&
    text.length <= LONGEST &&
    !/[\s<>{}()[\]|\\,;"'`]/.test(text) &&
    !OTHER_KIND.test(text) &&
    !PUBLISHED.test(text) &&
    !SAMPLE.test(text)
  );
}

/** A piece in which letters and digits change places as in no word or name. */
function isMixed(piece: string): boolean {
  if (piece.length < 4 || !/\d/.test(piece) || !/[a-z]/i.test(piece) || NAMED.test(piece)) return false;
  const turns = piece.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  if (isCommon(piece) || (turns < 5 && isNameLike(piece))) return false;
  return turns >= 2 || (/[bcdfghjklmnpqrstvwxz]{4}/i.test(piece) && (piece.match(/\d/g)?.length ?? 0) >= 3);
}

/** `getUint8Array`, `argon2id`: mostly words, with a number between. */
function isNameLike(piece: string): boolean {
  const words =
    piece.match(/[A-Z]?[a-z]{2,}|[A-Z]{3,}/g)?.filter((word) => word.length > 2 && /[aeiouy]/i.test(word)) ?? [];
  return words.join('').length * 2 > piece.length;
}

/** `p4ssw0rd`, `admin123`: what everybody tries first. */
function isCommon(piece: string): boolean {
  return COMMON.test(piece) || COMMON.test(piece.replace(/[0134578]/g, (digit) => LEET[digit] ?? digit));
}

function variety(text: string): number {
  return new Set(text.toLowerCase().match(/[a-z0-9]/g)).size;
}

/** `a1b2c3d4`, `abc123def456`, `1111aaaa-0000`: typed along the keyboard or counted. */
function isCounted(text: string): boolean {
  const plain = text.toLowerCase();
  const letters = plain.replace(/[^a-z]/g, '');
  const digits = plain.replace(/\D/g, '');
  if (counts(letters) && counts(digits)) return true;
  const all = letters.length + digits.length;
  const most = Math.max(...[...new Set(letters + digits)].map((sign) => plain.split(sign).length - 1), 0);
  return most * 2 > all;
}

function counts(signs: string): boolean {
  let even = 0;
  for (let at = 1; at < signs.length; at++) {
    const step = signs.charCodeAt(at) - signs.charCodeAt(at - 1);
    if (step === 0 || step === 1 || step === -1 || step === -9) even++;
  }
  return even >= (signs.length - 1) * 0.75;
}

/** What is looked at where access is given: parts of requests, functions that say who may do what, conditions of queries. */
const OF_ACCESS =
  /\.(?:headers?|cookies|handshake|query|body)\b|\breq(?:uest)?\.|verify|authenticat|authori[sz]|log_?in\b|sign_?in\b|passw|\bpwd\b|isAdmin|(?:has|check|validate|require|is)\w{0,20}(?:Role|Token|Permission|Session|Access|User|Auth)|\bWHERE\b|\broles?\b/i;
/** The same, where it stands close to a literal. */
const CLOSE =
  /headers?\b|cookies?\b|handshake|\.query\b|\.body\b|\.get\(|verif|auth|log_?in|sign_?in|passw|pwd|\bpw\b|token|secret|\bkid\b|key|\bcode\b|\bpin\b|admin|user|role|session|permission|access|WHERE|e-?mail/i;
const PASSWORD = /pass|pwd|\bpw\b|secret|\bpin\b/i;
const BEFORE = 400;
const AFTER = 120;
const LITERAL = /(['"`/])(?:(?:Bearer|Basic|Token) )?((?:(?!\1)[^\s\\]|\\.){8,200}?)\1/g;
/** A literal beside what compares. */
const COMPARED =
  /(?:[=!]==?\s*|\b(?:includes|has|equals|indexOf|startsWith|endsWith|from|case|Equal|equal)\s*\(?\s*)(['"`])(?:(?:Bearer|Basic|Token) )?([^\s'"`\\]{8,200})\1|(['"`])([^\s'"`\\]{8,200})\3\s*[=!]==?/g;
/** Of larger files, which are bundles, only what is compared directly is looked at. */
const OWN_SIZE = 60_000;
/** Texts are put together all over larger files. */
const MADE_SIZE = 30_000;

/** Whether access may be given in a text of code. */
export function looksAfterAccess(code: string): boolean {
  return OF_ACCESS.test(code);
}

/** Whether a text of code may hold a word that opens something: by shapes alone, before anything is parsed. */
export function mayHoldAccessWord(code: string): boolean {
  if (!OF_ACCESS.test(code)) return false;
  if (
    code.length <= MADE_SIZE &&
    /fromCharCode|\.join\(\s*(['"])\1\s*\)|\breverse\(/.test(code) &&
    /[=!]==?|includes|\.has\(/.test(code)
  )
    return true;
  return holdsCompared(code) || (code.length <= OWN_SIZE && holdsUnguessable(code));
}

function holdsCompared(code: string): boolean {
  for (const found of code.matchAll(COMPARED)) {
    const text = wordOf(found[2] ?? found[4] ?? '');
    const isStrong = isUnguessable(text);
    if (!isStrong && !isPasswordLike(text)) continue;
    const end = found.index + found[0].length;
    if (!isStrong && !PASSWORD.test(code.slice(Math.max(0, found.index - 60), end + 60))) continue;
    if (CLOSE.test(code.slice(Math.max(0, found.index - BEFORE), end + AFTER))) return true;
  }
  return false;
}

/** A word that stands somewhere, as a constant or in a list. */
export function holdsUnguessable(code: string): boolean {
  LITERAL.lastIndex = 0;
  for (let found = LITERAL.exec(code); found !== null; found = LITERAL.exec(code)) {
    if (isUnguessable(wordOf(found[2] as string))) return true;
    // What stands between two literals is taken for one, too: the next one may begin where this one seemed to end.
    LITERAL.lastIndex = found.index + found[0].length - 1;
  }
  return false;
}

function wordOf(literal: string): string {
  return literal.replace(/^\^|\$$/g, '');
}
