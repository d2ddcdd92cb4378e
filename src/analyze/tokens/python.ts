import { base85 } from './base85.js';
import { underOwnNames, withMembers } from './python-names.js';
import { decodedBase64, type TokenLanguage } from './scan.js';
import { rot13 } from './spellings.js';

/** Python: what an install script of an npm package uses of it. */
export const PYTHON: TokenLanguage = {
  language: 'python',
  comment: /(?<=^|\n)[ \t]*#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''/g,
  sources: [
    {
      source: 'env.all',
      pattern:
        /\b(?:(?:dict|str|repr|list|bytes)\(\s*os\.environ\b|json\.dumps\((?:dict\()?os\.environ|os\.environ(?:b\b|\.(?:copy|items|values|keys)\(|\b(?!\s*[[.(]))|(?<![.\w])environ\.(?:copy|items|values|keys)\(|\bin\s+(?:os\.)?environb?\b(?!\s*[[.])|(?:sorted|list|dict|set|filter|map)\((?:[^()\n]{0,40},\s*)?(?:os\.)?environ\b(?!\s*[[.])|\/proc\/self\/environ|\*\*\s*os\.environ)/,
    },
    {
      source: 'secret.env',
      pattern: /(?:environ(?:\.get|\.pop)?\s*[([]|getenv\()\s*["'][A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*["']/,
    },
    {
      source: 'identity.host',
      pattern:
        /\b(?:(?:socket\.)?(?:gethostname|getfqdn)|platform\.(?:node|uname|platform)|(?:getpass\.)?getuser|os\.(?:uname|getlogin|getuid|cpu_count)|pwd\.getpwuid|uuid\.getnode|psutil\.\w+)\s*\(/,
    },
    { source: 'identity.host.platform', pattern: /\bplatform\.(?:system|machine|release)\s*\(/ },
    {
      source: 'net.response',
      pattern:
        /\b(?:urlopen|urlretrieve|urllib3|aiohttp|pycurl|websockets?\.(?:connect|create_connection)|open_connection|open_url|wget\.download)\b|\b(?:requests|httpx|session|client|http|pool|s)\.(?:get|request|stream)\s*\(|getresponse\s*\(|\brecv(?:_into|from)?\s*\(|\.makefile\s*\(/,
    },
    { source: 'dns.response', pattern: /dns\.resolver\.(?:resolve|query)|resolver\.resolve\s*\(/ },
    { source: 'secret.clipboard', pattern: /\bpyperclip\.paste|GetClipboardData|clipboard_get\s*\(/ },
    {
      source: 'input.media',
      pattern: /ImageGrab\.grab|pyautogui\.screenshot|\bmss\.mss\(|VideoCapture\s*\(|sounddevice\.rec/,
    },
    { source: 'input.keys', pattern: /pynput|keyboard\.(?:on_press|hook|record)|pyHook|Listener\s*\(\s*on_press/ },
    { source: 'secret.tool', pattern: /keyring\.get_password|CryptUnprotectData|win32crypt|secretstorage/ },
    {
      source: 'file.other',
      pattern: /\bos\.walk\s*\(|\.rglob\s*\(|glob\.i?glob\s*\([^)]*expanduser|scandir\s*\([^)]*(?:home|expanduser)/i,
    },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'python.request',
      pattern:
        /\b(?:urllib\.request\.)?(?:urlopen|urlretrieve|Request)\s*\(|\b(?:requests|httpx|session|s|client|http|pool)\.(?:get|post|put|patch|request|stream)\s*\((?=\s*(?:["'frbu]|url|\w+\s*[+,)]))|HTTPS?Connection\s*\(|PoolManager\(\)\.request\s*\(|setopt\s*\(\s*\w+\.URL\s*,|smtplib\.SMTP\w*\s*\(|ftplib\.FTP\w*\s*\(|paramiko\.\w+|wget\.download\s*\(|xmlrpc\.client\.ServerProxy\s*\(|boto3\.client\s*\(/,
    },
    {
      sink: 'net.socket',
      api: 'python.socket',
      pattern:
        /\.connect\s*\(\s*\(|\b(?:\w*so?ck\w*|s|ch?an\w*|conn\w*|c|client|self\.\w+)\.connect(?:_ex)?\s*\(|create_connection\s*\(\s*\(?|open_connection\s*\(|\.sendto\s*\(|websockets?\.(?:connect|create_connection)\s*\(|telnetlib\.Telnet\s*\(/,
    },
    {
      sink: 'net.handler',
      api: 'python.socket-shell',
      pattern:
        /os\.dup2\s*\([^\n]*fileno|pty\.spawn\s*\(|(?:socket|create_connection|open_connection|recv)\b[\s\S]{0,1500}(?:create_subprocess_shell|subprocess\.\w+\s*\([^)]*(?:shell\s*=\s*True|stdin\s*=\s*\w*(?:s|sock|conn)\b)|os\.popen)\s*/,
    },
    {
      sink: 'dns.query',
      api: 'python.resolve',
      pattern:
        /\b(?:socket\.)?(?:gethostbyname(?:_ex)?|getaddrinfo|getfqdn\s*\(\s*(?=[^)\s])|dns\.resolver\.(?:resolve|query))\s*\(?/,
    },
    {
      sink: 'code.eval',
      api: 'python.exec',
      pattern:
        /(?<![.\w])(?:exec|eval|compile|execfile)\s*\(|(?<![.\w"'])(?:exec|eval)\s*(?=[,)])|(?:builtins|__builtins__)\s*(?:\.|\[\s*["'])(?:exec|eval|compile)|getattr\s*\([^()]*,\s*["'](?:exec|eval|system|popen|__import__)["']\s*\)|marshal\.loads\s*\(|(?:pickle|cPickle|dill|shelve|cloudpickle)\.loads?\s*\(|runpy\.run_(?:path|module)\s*\(|(?:FunctionType|CodeType)\s*\(|(?:spec_from_file_location|SourceFileLoader|exec_module|InteractiveInterpreter)\s*\(|code\.interact\s*\(/,
    },
    {
      sink: 'code.native',
      api: 'python.ctypes',
      pattern: /ctypes\.(?:CFUNCTYPE|memmove|windll|cast)\b[\s\S]{0,400}\(|\bmmap\.mmap\s*\(/,
    },
    {
      sink: 'process.spawn',
      api: 'python.spawn',
      pattern:
        /\bos\.(?:system|popen|startfile|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?)\s*\(|\bsubprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)\s*\(|(?<![.\w])(?:Popen|check_output|check_call|getoutput|create_subprocess_(?:shell|exec))\s*\(|asyncio\.create_subprocess_(?:shell|exec)\s*\(|commands\.getoutput\s*\(|\bpip(?:\._internal)?(?:\.cli)?\.main\s*\(/,
      runs: 'shell',
    },
    {
      sink: 'fs.write',
      api: 'python.write',
      pattern:
        /\bopen\s*\((?=[^\n]{1,200},\s*["'][wax]b?\+?["'])|\.write_(?:text|bytes)\s*\(|shutil\.(?:copy\w*|move)\s*\(|os\.(?:rename|replace|symlink)\s*\(/,
    },
    {
      sink: 'fs.delete',
      api: 'python.delete',
      pattern: /\bshutil\.rmtree\s*\(|\bos\.(?:remove|unlink|removedirs|rmdir)\s*\(/,
    },
    { sink: 'fs.mode', api: 'python.chmod', pattern: /\bos\.chmod\s*\(|\.chmod\s*\(\s*0o/ },
    {
      sink: 'console.out',
      api: 'python.print',
      pattern:
        /(?<![.\w])print\s*\(|\bsys\.(?:__)?std(?:out|err)(?:__)?(?:\.buffer)?\.write(?:lines)?\s*\(|\bos\.write\s*\(\s*[12]\s*,/,
    },
  ],
  fold: (text) => {
    const chars = underOwnNames(text)
      .replace(/chr\(\s*(?:0x[0-9a-f]+|\d+)\s*\)(?:\s*\+\s*chr\(\s*(?:0x[0-9a-f]+|\d+)\s*\)){2,}/gi, (run) =>
        JSON.stringify(
          [...run.matchAll(/chr\(\s*(0x[0-9a-f]+|\d+)\s*\)/gi)]
            .map((match) => String.fromCharCode(Number(match[1])))
            .join(''),
        ),
      )
      .replace(/bytes\.fromhex\(\s*["']([0-9a-f\s]+)["']\s*\)(?:\.decode\([^)]*\))?/gi, (_all, hex: string) =>
        JSON.stringify(Buffer.from(hex.replace(/\s/g, ''), 'hex').toString('utf8')),
      )
      .replace(/bytes\(\s*\[([\d,\s]+)\]\s*\)(?:\.decode\([^)]*\))?/g, (_all, list: string) =>
        JSON.stringify(Buffer.from(list.split(',').map(Number)).toString('utf8')),
      )
      .replace(
        /["']["']\.join\(\s*(?:map\(\s*chr\s*,\s*|chr\(\s*(\w+)\s*\)\s*for\s+\1\s+in\s+)[[(]([\d\s,]+)[\])]\s*\)(?:\s*\))?/g,
        (_all, _name: string, list: string) => JSON.stringify(String.fromCharCode(...list.split(',').map(Number))),
      )
      .replace(
        /(?:["']["']\.join\(\s*chr\(|bytes\(\s*\[?)\s*(\w+)\s*\^\s*(\w+)\s*\)?\s*for\s+\1\s+in\s+(?:[[(]([\d\s,]+)[\])]|bytes\.fromhex\(\s*["']([0-9a-f]+)["']\s*\))\s*\]?\s*\)/gi,
        (whole, _name: string, key: string, list?: string, hex?: string) => xored(text, key, list, hex) ?? whole,
      )
      .replace(
        /(?:base64\.)?b64decode\(\s*[bB]?["']([A-Za-z0-9+/=]{8,})["']\s*\)(?:\.decode\([^)]*\))?/g,
        (whole, body: string) => readable(Buffer.from(body, 'base64').toString('utf8')) ?? whole,
      )
      .replace(
        /codecs\.(?:decode|encode)\(\s*["']([^"'\n]+)["']\s*,\s*["']rot_?13["']\s*\)/g,
        (whole, body: string) => readable(rot13(body)) ?? whole,
      )
      .replace(
        /(["'])((?:\\.|(?!\1)[^\\\n])*)\1\s*\+\s*(?=["'])/g,
        (_all, quote: string, body: string) => `${quote}${body}\u0000${quote}`,
      )
      .replace(/\u0000(["'])(["'])/g, '');
    const reversed: string[] = [];
    const turned = chars.replace(
      /(?:["']["']\.join\(\s*reversed\(\s*)?["']([^"'\n]{4,})["'](?:\s*\[::-1\]|(?<=reversed\([^\n]{0,400})\s*\)\s*\))/g,
      (_all, body: string) => {
        const plain = [...body].reverse().join('');
        if (plain.length >= 6) reversed.push(plain);
        return JSON.stringify(plain);
      },
    );
    const named = withMembers(turned);
    return {
      text: named,
      decoded: [...decodedBase64(text, 'utf8'), ...reversed, ...hexTexts(chars), ...base85Texts(text)],
    };
  },
};

function readable(text: string): string | null {
  return /[\0-\x08\x0e-\x1f\ufffd]/.test(text) ? null : JSON.stringify(text);
}

/** Codes that are XORed with one number, which stands there or is given a name once. */
function xored(text: string, key: string, list?: string, hex?: string): string | null {
  const number = Number(
    /^\w*$/.test(key) && !/^\d/.test(key)
      ? new RegExp(`(?:^|\\n)\\s*${key}\\s*=\\s*(0x[0-9a-f]+|\\d+)`, 'i').exec(text)?.[1]
      : key,
  );
  const codes = list === undefined ? [...Buffer.from(hex ?? '', 'hex')] : list.split(',').map(Number);
  return Number.isInteger(number) ? readable(String.fromCharCode(...codes.map((code) => code ^ number))) : null;
}

function base85Texts(text: string): string[] {
  if (!/\b[ab]85decode\b/.test(text)) return [];
  return [...text.matchAll(/["']([!-~]{8,400})["']/g)]
    .map(([, body = '']) => base85(body))
    .filter((each) => each !== '');
}

function hexTexts(text: string): string[] {
  return [...text.matchAll(/["']((?:\\x[0-9a-f]{2}){8,})["']/gi)].map((match) =>
    (match[1] ?? '').replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}
