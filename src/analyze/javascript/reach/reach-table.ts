/**
 * What in a text says that it may reach outside, before it is parsed. An entry counts only where one of its `words` stands in
 * the text as a whole word (or one of `texts` anywhere), then its pattern is asked: most files are told by their words alone.
 */
export interface ReachEntry {
  words?: readonly string[];
  texts?: readonly string[];
  /** Asked before the pattern where that is dear. */
  first?: (code: string) => boolean;
  pattern: RegExp;
}

/** Entries whose words need nothing else. */
function words(...list: string[]): ReachEntry {
  return { words: list, pattern: new RegExp(String.raw`\b(?:${list.join('|')})\b`) };
}

const GLOBALS = ['globalThis', 'global', 'window', 'self', 'top', 'frames'];
const GLOBAL_OBJECT = `(?:${GLOBALS.join('|')})`;
const BUILTINS =
  'Array|Object|String|Promise|Function|Map|Set|Date|Storage|EventTarget|HTMLFormElement|HTMLInputElement|Navigator|Document';
const LETTER_ESCAPE = String.raw`(?:\\x|\\u00|\\u\{)(?:[46][1-9a-fA-F]|[57][0-9aA])\}?`;

const CHANCE = String.raw`Math\s*\.\s*random\s*\(\s*\)\s*[<>]`;
const DAY = String.raw`(?:Date\.UTC\b|new\s+Date\(\s*['"\x60]?20[2-9]\d|\b1[6-9]\d{11}\b|['"\x60]20[2-9]\d-\d\d-\d\d)`;

const RUN = 200;
const LONG_RUN: ReachEntry = { pattern: /[A-Za-z0-9+/]{200}/, first: hasLongRun };

/** Whether a text holds a run of 200 characters as base64 has them: every such run covers a place that is a multiple of 200. */
function hasLongRun(code: string): boolean {
  for (let at = RUN - 1; at < code.length; at += RUN) {
    let from = at;
    while (from >= 0 && at - from < RUN && isEncoding(code.charCodeAt(from))) from--;
    if (from === at) continue;
    let to = at + 1;
    while (to - from <= RUN && isEncoding(code.charCodeAt(to))) to++;
    if (to - from > RUN) return true;
  }
  return false;
}

function isEncoding(char: number): boolean {
  return (char >= 97 && char <= 122) || (char >= 65 && char <= 90) || (char >= 47 && char <= 57) || char === 43;
}

/** Acts outside of the language, runs text, or hides what it names. */
export const POWER: readonly ReachEntry[] = [
  // Running programs and text, loading what a text names.
  words(
    'child_process',
    'eval',
    '_compile',
    '_load',
    'execScript',
    'ActiveXObject',
    'WScript',
    'internalBinding',
    'createRequire',
    '_extensions',
    'electron',
  ),
  {
    words: ['process'],
    pattern:
      /\bprocess\s*(?:(?:\?\.|\.)\s*(?:binding|dlopen|mainModule|kill|abort|reallyExit|_linkedBinding|getBuiltinModule)\b|(?:\?\.)?\s*\[)/,
  },
  { words: ['Function'], pattern: /\bFunction\s*\(/ },
  { words: ['WebAssembly'], pattern: /\bWebAssembly\s*(?:\.|\[|\?\.)/ },
  {
    words: ['constructor'],
    pattern:
      /constructor(?<=\.\s*constructor)(?<!\bnew\s+[\w$.]{1,60}\.\s*constructor)\s*(?:\(|\[|\?\.|\)\s*\(|\.\s*(?:constructor|call|apply|bind)\b)|constructor\b(?<=\}\s*\)*\s*\.\s*constructor)/,
  },
  {
    texts: ['require'],
    pattern:
      /require\s*(?:[;,)\]]|\.\s*(?:extensions|cache|main\s*\.\s*\w))|\brequire\s*\(\s*(?!['"`][^'"`]+['"`]\s*\))|\brequire\s*\(\s*['"`][^'"`]*(?:\\x|\\u)/,
  },
  { words: ['module'], pattern: /\bmodule\s*(?:\[|\.\s*(?:require|constructor)\b)/ },
  {
    words: ['import'],
    pattern: /(?<![.\w$#])import\s*\(\s*(?!['"`][^'"`]+['"`]\s*\)|[^()\n]*\)[ \t]*\{)/,
  },
  { words: ['setTimeout', 'setInterval'], pattern: /\bset(?:Timeout|Interval)\s*\(\s*['"`]/ },
  { texts: ['javascript'], pattern: /data:(?:text|application)\/(?:x-)?javascript/ },
  {
    words: ['Worker', 'SharedWorker', 'Image'],
    pattern: /\bnew\s+(?:[\w$]{1,40}\s*\.\s*)?(?:(?:Shared)?Worker|Image)\b/,
  },
  // The network, in Node and in browsers.
  {
    words: ['fetch'],
    pattern: new RegExp(
      String.raw`(?:(?<![.\w$#'"\x60])|\b${GLOBAL_OBJECT}\s*\??\.\s*)fetch\s*(?:\((?![^()\n]*\)[ \t]*\{)|=[^=]|\.|\?\.|[,;)\]}])`,
    ),
  },
  { words: ['XMLHttpRequest'], pattern: /(?<!['"`])\bXMLHttpRequest\b/ },
  {
    words: ['NODE_TLS_REJECT_UNAUTHORIZED'],
    pattern: /\bNODE_TLS_REJECT_UNAUTHORIZED\b['"`\]\s]*(?:\|\||\?\?)?=[^=]/,
  },
  {
    words: ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'],
    pattern: /\benv\s*(?:\.\s*|\[\s*['"`])(?:https?|all)_proxy\b['"`\]\s]*(?:\|\||\?\?)?=[^=]/i,
  },
  words('WebSocket', 'FontFace', 'sendBeacon', 'EventSource', 'RTCPeerConnection', 'importScripts'),
  {
    words: ['getJSON', 'getScript', 'ajax', 'get', 'post'],
    pattern: /(?:\$|\bjQuery)\s*\.\s*(?:get|post|ajax|getJSON|getScript)\s*\(/,
  },
  {
    words: ['chrome', 'browser'],
    pattern: /\bchrome\s*\.\s*\w|\bbrowser\s*\.\s*(?:webRequest|cookies|tabs|scripting|runtime)\b/,
  },
  // Code that is put into what others build.
  words(
    'beforeFiles',
    'afterFiles',
    'updateAsset',
    'emitAsset',
    'ConcatSource',
    'RawSource',
    'transformIndexHtml',
    'renderChunk',
    'injectScript',
    'headScripts',
    'insertHtmlTag',
    'injectHtmlTags',
    'alterAssetTagGroups',
    'alterAssetTags',
    'headTags',
    'bodyTags',
    'injectTo',
    'generateBundle',
    'setHeadComponents',
    'setPostBodyComponents',
    'BannerPlugin',
  ),
  // Script tags that are put into the pages of others.
  {
    texts: ['<script'],
    pattern: /<script\b[^>]{0,200}\bsrc\s*=\s*\\?["'`]?(?:(?:https?:)?\/\/|["'`]?\s*\+|\$\{)/,
  },
  {
    words: ['script', 'scripts'],
    pattern:
      /(?:\b(?:tag|tagName|type)['"]?\s*:\s*['"`]script['"`]|['"`]script['"`]\s*,\s*\{|\bscripts?\s*(?:\?\.|\.)\s*(?:push|unshift)\s*\(|\bscripts?\s*[:=]\s*\[)(?=[\s\S]{0,300}\bsrc\b)/,
  },
  {
    words: ['assets', 'addHTMLScripts', 'addHTMLHeadScripts'],
    pattern: /\bassets\s*\.\s*js\s*\.\s*(?:push|unshift)\s*\(|\baddHTML(?:Head)?Scripts\b/,
  },
  // What is hooked, and what listens.
  {
    words: ['prototype'],
    pattern: new RegExp(
      String.raw`\.prototype\s*\.\s*(?:send|open|write|emit|request|require|then|push)\s*=|\b(?:${BUILTINS})\s*\.\s*prototype\s*(?:\.\s*\w+|\[[^\]]{1,60}\])\s*=[^=]`,
    ),
  },
  { words: ['JSON'], pattern: /\bJSON\s*\.\s*(?:parse|stringify)\s*=[^=]/ },
  // Chance that is replaced for everybody; what is kept where it is there already is a polyfill's.
  {
    words: [
      'randomBytes',
      'randomFillSync',
      'getRandomValues',
      'randomUUID',
      'randomInt',
      'pseudoRandomBytes',
      'random',
    ],
    pattern:
      /(?:rypto\s*\.\s*(?:random\w{3,9}|getRandomValues|pseudoRandomBytes)|\bMath\s*\.\s*random)\s*=(?![=>])(?!\s*[\w$.]{1,60}\s*(?:\|\||\?\?))/,
  },
  {
    words: ['defineProperty', 'defineProperties'],
    pattern: new RegExp(
      String.raw`\bdefinePropert(?:y|ies)\s*\(\s*(?:${GLOBAL_OBJECT}|process|navigator|document|JSON|console|XMLHttpRequest|(?:${BUILTINS})\s*\.\s*prototype)\b`,
    ),
  },
  words('ethereum', 'solana', 'keydown', 'keyup', 'keypress', 'mediaDevices', 'clipboardData'),
  // Clients and wallets that somebody gives, and doors that open for a digest, which stands in the code or in a table.
  {
    words: ['createHash', 'pbkdf2', 'pbkdf2Sync', 'scrypt', 'scryptSync', 'bcrypt', 'bcryptjs', 'argon2'],
    pattern:
      /['"`](?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})['"`]|\^\s*[\w$]{1,60}\s*\[|['"`]\$(?:2[aby]|argon2\w*)\$/i,
  },
  // Payments.
  words(
    'sendTransaction',
    'signTransaction',
    'sendRawTransaction',
    'signAndSendTransaction',
    'sendAndConfirmTransaction',
    'broadcastTransaction',
    'sendToAddress',
    'sendtoaddress',
  ),
  // Payment links that are put together.
  {
    words: ['bitcoin', 'bitcoincash', 'litecoin', 'dogecoin', 'monero', 'ethereum', 'solana', 'tron', 'payto'],
    pattern:
      /\b(?:bitcoin|bitcoincash|litecoin|dogecoin|monero|ethereum|solana|tron|payto):[\w/?=-]{0,24}(?:\$\{|['"`]\s*\+)/,
  },
  // A blind copy of mails, to an address that stands in the code.
  {
    words: ['bcc', 'Bcc', 'BCC'],
    pattern: /\bbcc\b['"`\]]?\s*[:=,](?=[^;]{0,200}['"`<][\w.+-]{1,64}@[\w-]{1,63}\.\w)/i,
  },
  // Databases that are emptied.
  words(
    'dropTable',
    'dropTableIfExists',
    'dropDatabase',
    'dropCollection',
    'dropSchema',
    'truncateTable',
    'dropAllTables',
    'dropAllSchemas',
  ),
  {
    words: ['drop', 'DROP', 'Drop', 'truncate', 'TRUNCATE', 'delete', 'DELETE'],
    pattern: /['"`]\s*(?:drop\s+(?:table|database|schema)\b|truncate\s+\w|delete\s+from\s+[^;'"`]{1,60}['"`;])/i,
  },
  {
    words: ['user', 'USER', 'User', 'role', 'ROLE', 'Role', 'login', 'LOGIN', 'pwd', 'grant', 'GRANT'],
    pattern:
      /\bcreate\s+(?:role|user|login)\b(?=[^;]{0,300}\b(?:superuser|identified\s|with\s+password|in\s+role)\b)|\bsuperuser\b(?=[\s\S]{0,500}\bpassword\b)|\bgrant\s+all\b[^;]{0,60}\*\.\*|\bpwd['"]?\s*:(?=[^;]{0,200}\broles\b)/i,
  },
  // Chance, and a day that stands in the code.
  {
    words: ['random'],
    pattern: new RegExp(String.raw`${CHANCE}(?=[\s\S]{0,40000}${DAY})|${DAY}(?=[\s\S]{0,40000}${CHANCE})`),
  },
  // Patterns of wallets' addresses.
  {
    texts: ['{40}', '{33}', '{25,', '{26,', '{32,', '{43', '{44}', 'bc1'],
    pattern:
      /0x\)?\(?(?:\?:)?\[[0-9a-fA-F\\d-]{3,14}\]\)?\{40\}|\[1-9A-HJ-NP-Za-km-z\]\)?\{(?:2[5-9]|3\d|4[0-4])(?:,\d\d)?\}|\bbc1[qp]?\)?\(?(?:\?:)?\[[^\]]{3,40}\]/,
  },
  // Addresses of any host, or downloads, that are looked for in what a model has tools do.
  {
    words: [
      'tool_calls',
      'tool_call',
      'tool_use',
      'function_call',
      'partial_json',
      'toolCalls',
      'wrapGenerate',
      'wrapStream',
    ],
    pattern:
      /\\\/\\\/\)?(?:\((?:\?:)?)*(?:\[[^\]]{1,60}\]|\\[SwW]|\.)\)?[+*{]|\b(?:curl|wget|iwr|irm)\b[^[.\n]{0,40}\\s/,
  },
  words('interceptors', 'timingSafeEqual', 'eth_sendTransaction', 'eth_signTransaction', 'eth_requestAccounts'),
  {
    words: ['prototype'],
    pattern: new RegExp(String.raw`\b(?:${BUILTINS}|JSON|Math|Number)\s*\.\s*prototype\s*,\s*['"\x60]`),
  },
  { words: ['clipboard'], pattern: /\.\s*clipboard\s*(?:\?\.|\.|\[)\s*(?!m?js\b)|\bclipboard\s*\.\s*(?:write|read)/ },
  { words: ['execCommand'], pattern: /\.\s*execCommand\b/ },
  { words: ['document'], pattern: /\bdocument\s*\.\s*(?:addEventListener|write(?:ln)?|createElement)\b/ },
  // An element of whatever document it is, which fetches what it names.
  {
    words: ['createElement', 'createElementNS'],
    pattern:
      /\.\s*createElement(?:NS)?\s*\(\s*(?:['"`][^'"`]*['"`]\s*,\s*)?['"`](?:img|image|script|link|iframe|embed|object|form)['"`]\s*\)/i,
  },
  { words: ['Bun', 'Deno'], pattern: /\b(?:Bun|Deno)\s*(?:\.|\?\.|\[)/ },
  // Names that are not spelled.
  { words: [...GLOBALS, 'navigator'], pattern: /\b(?:globalThis|global|window|self|navigator)\s*(?:\?\.)?\[/ },
  {
    words: ['Reflect'],
    pattern: new RegExp(
      String.raw`\bReflect\s*(?:\.\s*(?:get|apply|construct|ownKeys)\s*\(\s*(?:${GLOBAL_OBJECT}|this|process|require|module|eval|Function)\b|\[)`,
    ),
  },
  {
    words: ['Proxy'],
    pattern: new RegExp(String.raw`\bnew\s+Proxy\s*\(\s*(?:${GLOBAL_OBJECT}|process|require|module)\b`),
  },
  // `Function("require", code)`, under whatever name, in code for others too.
  { words: ['require'], pattern: /\(\s*\\?['"`]require\\?['"`]\s*,\s*(?!\[|function\b|\()/ },
  // What is unpacked out of a text.
  {
    words: [
      'inflateRawSync',
      'inflateSync',
      'gunzipSync',
      'brotliDecompressSync',
      'unzipSync',
      'inflateRaw',
      'gunzip',
      'inflate',
    ],
    pattern: /(?:inflate|gunzip|brotliDecompress|unzip)\w*\s*\([^;]{0,80}['"`]base64/,
  },
  { words: ['with'], pattern: /(?:^|[;{})\n])\s*with\s*\(/ },
  { words: ['this'], pattern: /\bthis\s*\[\s*['"`][^'"`]*['"`]\s*\+/ },
  { texts: ['_0x'], pattern: /_0x[0-9a-fA-F]{2}/ },
  { texts: ['\\x', '\\u'], pattern: new RegExp(`(?:${LETTER_ESCAPE}){3}`) },
  { texts: ['[]', '!['], pattern: /\[\]\s*\[|\[\s*!\s*\[\s*\]\s*\]|\[\s*\+\s*(?:!\s*)*\[\s*\]\s*\]/ },
  { texts: ['$$$$'], pattern: /\$\$\$\$/ },
];

/** Worth taking out, or decodes: nothing follows from it where no power is near. */
export const CARRIERS: readonly ReachEntry[] = [
  { words: ['env'], pattern: /\bprocess\s*(?:\?\.|\.)\s*env\b|\bmeta\s*\.\s*env\b/ },
  words('homedir', 'userInfo', 'hostname', 'networkInterfaces', 'npmrc', 'id_rsa', 'id_ed25519', 'netrc'),
  { words: ['ssh', 'aws', 'env', 'kube', 'docker'], pattern: /\.(?:ssh|aws|env|kube|docker)\b/ },
  { texts: ['169.254.'], pattern: /169\.254\./ },
  { words: ['document'], pattern: /\bdocument\s*\.\s*(?:cookie|querySelector)/ },
  words('localStorage', 'sessionStorage', 'indexedDB', 'secretKey', 'privateKey', 'mnemonic'),
  // What hands code to others' builds.
  words(
    'pushContainer',
    'unshiftContainer',
    'renderChunk',
    'generateBundle',
    'transformIndexHtml',
    'processAssets',
    'updateAsset',
    'ConcatSource',
  ),
  words('fromCharCode', 'fromCodePoint', 'atob'),
  { words: ['base64', 'hex'], pattern: /['"`](?:base64|hex)['"`]/ },
  LONG_RUN,
  { texts: ['\\x', '\\u'], pattern: /(?:\\x[0-9a-fA-F]{2}){3}|(?:\\u00[0-9a-fA-F]{2}){3}/ },
  { words: ['Reflect', 'Proxy'], pattern: /\bReflect\s*\.\s*(?:get|apply|construct)\b|\bnew\s+Proxy\b/ },
];

/** Functions that change files, by their names. */
export const FILE_CHANGES: ReachEntry = {
  pattern:
    /\b(?:write|append)File|createWriteStream|\bunlink|\brm(?:Sync)?\s*\(|\brm(?:Sync)?\b\s*[,}]|\bchmod|\bsymlink|\brmdir|\boutput(?:File|Json)|\bcopyFile|\brename(?:Sync)?\b|\bcp(?:Sync)?\s*\(|\b(?:f?truncate|link)Sync\b|\bopenSync\b|\bwriteSync\b|\bopen\s*\([^()\n]{1,80},\s*['"`](?:r\+|[wax]{1,2}\+?)['"`]|\bensureFile|\bremoveSync|\bemptyDir/,
};

/** A power only together, in one file or over several. */
export const HINT = {
  constructor: 1,
  hiding: 2,
  globalAlias: 4,
  dotFetch: 8,
  files: 16,
  madeSyntax: 32,
  computedCall: 64,
  fileChange: 128,
  payee: 256,
  amountCompared: 512,
  cookies: 1024,
  shown: 2048,
  language: 4096,
  disabled: 8192,
} as const;

/** The hints in texts. */
export const HINTS: readonly (ReachEntry & { bit: number })[] = [
  {
    bit: HINT.constructor,
    words: ['constructor'],
    pattern:
      /constructor(?<=\.\s*constructor)\s*(?:[;,)\n]|$)|\[\s*['"`]constructor['"`]\s*\]|=\s*['"`]constructor['"`]\s*[;,\n]|\{\s*constructor\s*:\s*[\w$]+\s*\}\s*=/,
  },
  {
    bit: HINT.hiding,
    words: ['fromCharCode', 'fromCodePoint', 'atob', 'base64', 'hex', 'decodeURIComponent'],
    pattern: /\bfromCharCode\b|\bfromCodePoint\b|\batob\b|['"`](?:base64|hex)['"`]|\bdecodeURIComponent\b/,
  },
  { bit: HINT.hiding, ...LONG_RUN },
  {
    bit: HINT.globalAlias,
    words: [...GLOBALS, 'this'],
    pattern: /[=(,:?|&]\s*(?:globalThis|global|window|self)\b(?!\s*\.)|\{\s*return\s+this\s*;?\s*\}\s*\)/,
  },
  {
    bit: HINT.dotFetch,
    words: ['fetch', 'XMLHttpRequest'],
    pattern: /\.\s*fetch\s*\(|\bfetch\s*[,}]|['"`](?:fetch|XMLHttpRequest)['"`]/,
  },
  {
    bit: HINT.files,
    words: ['fs', 'promises', 'extra'],
    pattern: /['"`](?:node:)?(?:fs(?:\/promises)?|fs-extra|graceful-fs)['"`]/,
  },
  { bit: HINT.fileChange, ...FILE_CHANGES },
  {
    bit: HINT.madeSyntax,
    words: ['callExpression', 'CallExpression', 'createCallExpression'],
    pattern: /\.\s*callExpression\s*\(|\bcreateCallExpression\s*\(|\btype\s*:\s*['"`]CallExpression['"`]/,
  },
  {
    bit: HINT.computedCall,
    pattern: /\[\s*(?:['"`][^'"`\]]*['"`]\s*\+|[\w$.]+\s*\+|[\w$.]+\s*\(|[\w$]+\[)[^\]]{0,80}\]\s*(?:\?\.)?\(/,
  },
  // An address of a wallet, and an amount, the clock or chance that something goes by.
  {
    bit: HINT.payee,
    pattern:
      /['"`](?:0x[0-9a-fA-F]{40}|(?:bc1|ltc1|addr1|cosmos1)[02-9ac-hj-np-z]{20,90}|(?=[A-Za-z]*\d)[1-9A-HJ-NP-Za-km-z]{25,44})['"`]/,
  },
  {
    bit: HINT.amountCompared,
    pattern:
      /(?:amount|amt|value|total|sum|sats?|satoshis?|wei|lamports|sun|drops|units?|qty|quantity|ether|coins?)\)*\s*[<>](?!=?\s*0n?\b(?!\.))|[<>]=?\s*[\w$.#]*(?:amount|value|total|sats|satoshis|wei|lamports)\b|\bMath\.random\(\)\s*[<>]|\bDate\.now\(\)\s*[<>]|\.get(?:UTC)?(?:Hours|Day|Date|Month)\(\)\s*(?:[<>%]|===?)/i,
  },
  // All cookies of a page, and an element that fetches what it is given.
  {
    bit: HINT.cookies,
    words: ['cookie'],
    pattern:
      /\bdocument\s*(?:\?\.|\.)\s*cookie\b(?!\s*(?:=[^=]|(?:\?\.|\.)\s*(?:split|match|replace|indexOf|includes|search|length)\b))|\bdocument\s*(?:\?\.)?\[\s*['"`]cookie|\bcookie\b[^{}]{0,80}\}\s*=\s*(?:\w+\.)?document\b/,
  },
  {
    bit: HINT.shown,
    words: ['src', 'href', 'srcset', 'srcSet', 'srcdoc', 'poster', 'url', 'setAttribute', 'innerHTML'],
    pattern:
      /\bsrc(?:[sS]et|doc)?['"]?\s*(?::|=[^=])|\bposter['"]?\s*(?::|=[^=])|\burl\(|['"`](?:src|poster|srcset)['"`]|\bhref['"]?\s*:|<(?:img|iframe|link|script|object|embed)\b/,
  },
  // The language or region of a visitor, and a whole page that is hidden or takes no clicks.
  {
    bit: HINT.language,
    words: ['navigator', 'DateTimeFormat', 'Locale', 'getTimezoneOffset'],
    pattern:
      /\bnavigator\s*(?:\?\.|\.)\s*(?:user)?[lL]anguages?\b|\bDateTimeFormat\s*\(|\bIntl\s*\.\s*Locale\b|\bgetTimezoneOffset\b/,
  },
  {
    bit: HINT.disabled,
    words: ['body', 'documentElement', 'style'],
    pattern:
      /pointer-?events['"]?\s*(?::|=|,)\s*['"`]?none|\b(?:body|documentElement|style)\b[^;\n]{0,60}(?:['"`](?:none|hidden)|opacity\s*=|filter\s*=|inert\b|\bhidden\s*=|innerHTML\s*=|textContent\s*=|replaceChildren\(|\bremove\(\))|\b(?:body|html)\s*\{[^{}]{0,100}(?:none|hidden|opacity)/i,
  },
];

/** Hints that are asked for only beside a module for files. */
export const BESIDE_FILES = HINT.computedCall | HINT.fileChange;

/** Hints that make a power: `x.constructor` and decoded text, an alias of the global object and `.fetch(`, … */
export const TOGETHER: readonly number[] = [
  HINT.constructor | HINT.hiding,
  HINT.globalAlias | HINT.dotFetch,
  HINT.globalAlias | HINT.hiding,
  HINT.madeSyntax | HINT.dotFetch,
  HINT.files | HINT.computedCall,
  HINT.files | HINT.fileChange,
  HINT.payee | HINT.amountCompared,
  HINT.cookies | HINT.shown,
  HINT.language | HINT.disabled,
];
