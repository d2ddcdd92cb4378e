import { decodedBase64, type TokenLanguage } from './scan.js';

/** Python, with the common forms of Ruby, Perl and PHP besides: what an install script of an npm package uses of them. */
export const PYTHON: TokenLanguage = {
  language: 'python',
  comment: /(?<=^|\n)[ \t]*#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''/g,
  sources: [
    {
      source: 'env.all',
      pattern:
        /\b(?:dict\(os\.environ|json\.dumps\((?:dict\()?os\.environ|os\.environ(?:\.(?:copy|items)\(|\b(?!\s*[[.]))|ENV\.to_h|%ENV\b|getenv\(\))/,
    },
    {
      source: 'secret.env',
      pattern: /(?:environ(?:\.get)?\s*[([]|getenv\(|ENV\[)\s*["'][A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*["']/,
    },
    {
      source: 'identity.host',
      pattern:
        /\b(?:socket\.gethostname|platform\.(?:node|uname|system)|getpass\.getuser|os\.(?:uname|getlogin)|uuid\.getnode)\s*\(|Socket\.gethostname|php_uname/,
    },
    {
      source: 'net.response',
      pattern:
        /\b(?:urlopen|urlretrieve|requests\.get|httpx\.get|http\.client|urllib3|aiohttp|Net::HTTP|open-uri|LWP::|file_get_contents\s*\(\s*["']https?:|curl_exec|recv\s*\()/,
    },
    { source: 'secret.clipboard', pattern: /\bpyperclip\.paste|GetClipboardData/ },
    { source: 'input.media', pattern: /ImageGrab\.grab|pyautogui\.screenshot|mss\(\)/ },
    { source: 'input.keys', pattern: /pynput|keyboard\.on_press|pyHook/ },
    { source: 'secret.tool', pattern: /keyring\.get_password|CryptUnprotectData|win32crypt/ },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'python.request',
      pattern:
        /\b(?:urllib\.request\.)?(?:urlopen|urlretrieve|Request)\s*\(|\b(?:requests|httpx|session)\.(?:get|post|put|request)\s*\(|HTTPS?Connection\s*\(|Net::HTTP[.:\w]*\s*\(?|LWP::\w+|file_get_contents\s*\(\s*["']https?:|curl_init\s*\(|smtplib\.SMTP\w*\s*\(|ftplib\.FTP\s*\(/,
    },
    {
      sink: 'net.socket',
      api: 'python.socket',
      pattern:
        /\.connect\s*\(\s*\(|create_connection\s*\(\s*\(|TCPSocket\.(?:new|open)\s*\(?|IO::Socket::\w+|fsockopen\s*\(/,
    },
    { sink: 'net.handler', api: 'python.dup2', pattern: /os\.dup2\s*\([^)]*fileno|pty\.spawn\s*\(/ },
    {
      sink: 'dns.query',
      api: 'python.resolve',
      pattern: /\b(?:socket\.gethostbyname|getaddrinfo|dns\.resolver\.resolve)\s*\(/,
    },
    {
      sink: 'code.eval',
      api: 'python.exec',
      pattern:
        /(?<![.\w])(?:exec|eval|compile)\s*\(|__import__\s*\(\s*["']builtins|marshal\.loads\s*\(|pickle\.loads\s*\(|instance_eval|class_eval/,
    },
    {
      sink: 'process.spawn',
      api: 'python.spawn',
      pattern:
        /\bos\.(?:system|popen|exec[lv]p?e?|spawn\w*)\s*\(|\bsubprocess\.(?:run|call|check_call|check_output|Popen|getoutput)\s*\(|(?<![.\w])(?:system|shell_exec|passthru|popen|proc_open)\s*\(?\s*(?=["'])|do shell script/,
      runs: 'shell',
    },
    {
      sink: 'fs.write',
      api: 'python.write',
      pattern:
        /\bopen\s*\([^)\n]{1,200},\s*["'][wax]b?\+?["']|\.write_(?:text|bytes)\s*\(|shutil\.(?:copy\w*|move)\s*\(|File\.write\s*\(|file_put_contents\s*\(/,
    },
    {
      sink: 'fs.delete',
      api: 'python.delete',
      pattern: /\bshutil\.rmtree\s*\(|\bos\.(?:remove|unlink|removedirs|rmdir)\s*\(|FileUtils\.rm_rf?\s*\(?/,
    },
    { sink: 'fs.mode', api: 'python.chmod', pattern: /\bos\.chmod\s*\(/ },
  ],
  fold: (text) => {
    const chars = text
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
    const reversed = [...chars.matchAll(/["']([^"'\n]{6,})["']\s*\[::-1\]/g)].map((match) =>
      [...(match[1] ?? '')].reverse().join(''),
    );
    return { text: withVariables(chars), decoded: [...decodedBase64(text, 'utf8'), ...reversed, ...hexTexts(chars)] };
  },
};

function readable(text: string): string | null {
  return /[\0-\x08\x0e-\x1f\ufffd]/.test(text) ? null : JSON.stringify(text);
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** Puts texts that were given a name once into the calls that are handed the name. */
function withVariables(text: string): string {
  const texts = new Map<string, string | null>();
  for (const match of text.matchAll(
    /^[ \t]*([A-Za-z_]\w*)\s*=\s*(?:([bBrR]?(["'])(?:\\.|(?!\3)[^\\\n])*\3)[ \t]*$)?/gm,
  ))
    texts.set(match[1] ?? '', texts.has(match[1] ?? '') ? null : (match[2] ?? null));
  return text.replace(/([(,]\s*)([A-Za-z_]\w*)(?=\s*[,)])/g, (whole, before: string, name: string) => {
    const known = texts.get(name);
    return known === undefined || known === null ? whole : before + known;
  });
}

function hexTexts(text: string): string[] {
  return [...text.matchAll(/["']((?:\\x[0-9a-f]{2}){8,})["']/gi)].map((match) =>
    (match[1] ?? '').replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}
