import { decodedBase64, type TokenLanguage } from './scan.js';

/** PHP. */
export const PHP: TokenLanguage = {
  language: 'script',
  comment: /\/\*[\s\S]*?\*\/|(?<=^|\n)[ \t]*(?:\/\/|#(?!\[))[^\n]*/g,
  sources: [
    { source: 'env.all', pattern: /\$_(?:ENV|SERVER)\b(?!\s*\[)|getenv\s*\(\s*\)/ },
    {
      source: 'secret.env',
      pattern: /(?:getenv\s*\(|\$_(?:ENV|SERVER)\s*\[)\s*["'][A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*["']/,
    },
    {
      source: 'identity.host',
      pattern: /\b(?:php_uname|gethostname|get_current_user|posix_getpwuid|posix_uname)\s*\(/,
    },
    {
      source: 'net.response',
      pattern:
        /\b(?:file_get_contents|fopen|readfile|file|copy)\s*\(\s*["'](?:https?|ftp):|curl_(?:exec|multi)|fsockopen|pfsockopen|stream_socket_client|socket_(?:read|recv)|stream_get_contents|`[^`]*\b(?:curl|wget)\b|GuzzleHttp/,
    },
    { source: 'file.other', pattern: /RecursiveDirectoryIterator|glob\s*\([^)]*(?:HOME|\/home)/ },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'php.request',
      pattern:
        /\b(?:file_get_contents|fopen|readfile|file|copy)\s*\(\s*(?=["'](?:https?|ftp):|[^;\n]{1,160},\s*(?:false|true|null|0|["']r["'])\s*,\s*(?:\$|stream_context_create|self::|static::))|curl_setopt_array\s*\(|\bnew\s+\\?(?:SoapClient|HttpRequest|GuzzleHttp\\Client|Client)\s*\(|HttpClient::create\s*\(|curl_init\s*\(|curl_setopt\s*\([^,]*,\s*CURLOPT_URL\s*,|(?<![>\w])mail\s*\(|->(?:request|get|post)\s*\(\s*(?=["'](?:https?:|POST|GET|PUT))/,
    },
    {
      sink: 'net.socket',
      api: 'php.socket',
      pattern: /\bp?fsockopen\s*\(|stream_socket_client\s*\(|socket_connect\s*\(\s*\$\w+\s*,/,
    },
    {
      sink: 'net.handler',
      api: 'php.socket-shell',
      pattern:
        /(?:fsockopen|stream_socket_client|socket_connect)[\s\S]{0,1500}(?:proc_open|popen|shell_exec|passthru|`\$|\bsystem|(?<!curl_)\bexec)\s*\(?/,
    },
    {
      sink: 'dns.query',
      api: 'php.resolve',
      pattern: /\b(?:gethostbynamel?|dns_get_record|dns_check_record|checkdnsrr|getmxrr)\s*\(/,
    },
    {
      sink: 'code.eval',
      api: 'php.eval',
      pattern:
        /(?<![>\w$])(?:eval|assert|create_function)\s*\(|preg_replace\s*\(\s*["']\/[^"'\n]*\/e["']|(?<![>\w$])(?:include|require)(?:_once)?\s*\(?\s*(?=["'](?:https?|data|php|ftp):|\$)|unserialize\s*\(\s*\$/,
    },
    {
      sink: 'process.spawn',
      api: 'php.spawn',
      pattern: /(?<![>\w$])(?:system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec)\s*\(\s*/,
      runs: 'shell',
    },
    { sink: 'process.spawn', api: 'php.backtick', pattern: /`([^`\n]{2,2000})`/, runs: 'shell', inner: true },
    {
      sink: 'fs.write',
      api: 'php.write',
      pattern: /\bfile_put_contents\s*\(|\bfopen\s*\((?=[^\n]{1,200},\s*["'][wax])|(?<![>\w$])(?:rename|symlink)\s*\(/,
    },
    { sink: 'fs.delete', api: 'php.delete', pattern: /(?<![>\w$])(?:unlink|rmdir)\s*\(/ },
    { sink: 'fs.mode', api: 'php.chmod', pattern: /(?<![>\w$])chmod\s*\(/ },
    {
      sink: 'console.out',
      api: 'php.print',
      pattern: /(?<![>\w$])(?:echo|print|printf|var_dump|print_r|fwrite\s*\(\s*STDOUT)\b/,
    },
  ],
  fold: (text) => {
    const decode = (body: string): string => JSON.stringify(Buffer.from(body, 'base64').toString('utf8'));
    const joined = text
      .replace(/(?:getenv\s*\(\s*["']HOME["']\s*\)|\$_(?:SERVER|ENV)\[["']HOME["']\])\s*\.\s*(["'])/g, '$1~')
      .replace(/(?<!\w)base64_decode\s*\(\s*["']([A-Za-z0-9+/=]{8,})["']\s*\)/g, (_all, body: string) => decode(body))
      .replace(/(?<!\w)hex2bin\s*\(\s*["']([0-9a-f]{8,})["']\s*\)/gi, (_all, hex: string) =>
        JSON.stringify(Buffer.from(hex, 'hex').toString('utf8')),
      )
      .replace(/(?<!\w)strrev\s*\(\s*["']([^"'\n]+)["']\s*\)/g, (_all, body: string) =>
        JSON.stringify([...body].reverse().join('')),
      )
      .replace(/(["'])((?:\\.|(?!\1)[^\\\n])*)\1\s*\.\s*\1/g, (_all, quote: string, body: string) => `${quote}${body}`)
      .replace(/\bchr\(\s*(\d+)\s*\)(?:\s*\.\s*chr\(\s*\d+\s*\)){2,}/g, (run) =>
        JSON.stringify(String.fromCharCode(...[...run.matchAll(/chr\(\s*(\d+)/g)].map((match) => Number(match[1])))),
      );
    return { text: calledByName(joined), decoded: decodedBase64(text, 'utf8') };
  },
};

/** `$f = "system"; $f(…)` is a call of `system`. */
function calledByName(text: string): string {
  let plain = text;
  for (const [, name = '', called = ''] of text.matchAll(
    /\$(\w+)\s*=\s*["'](system|exec|shell_exec|passthru|eval|assert|popen|proc_open)["']\s*;/g,
  ))
    plain = plain.replace(new RegExp(`\\$${name}\\s*\\(`, 'g'), `${called}(`);
  return plain;
}
