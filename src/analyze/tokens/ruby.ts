import { decodedBase64, type TokenLanguage } from './scan.js';

/** Ruby. */
export const RUBY: TokenLanguage = {
  language: 'script',
  comment: /(?<=^|\n)[ \t]*#[^\n]*|(?<=^|\n)=begin[\s\S]*?\n=end/g,
  sources: [
    {
      source: 'env.all',
      pattern:
        /\bENV\.(?:to_h|to_a|map|each\w*|inspect|to_s|select|filter|collect|values|keys|slice|reject|find_all|sort\w*|filter_map|dup|clone|any\?|reduce|inject)\b|\bENV\b(?!\s*[[.])/,
    },
    { source: 'secret.env', pattern: /ENV(?:\.fetch)?\s*[([]\s*["'][A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*["']/ },
    {
      source: 'identity.host',
      pattern: /Socket\.gethostname|Etc\.(?:getlogin|getpwuid|uname)|ENV\[["'](?:USER|HOSTNAME|LOGNAME)["']\]/,
    },
    {
      source: 'net.response',
      pattern:
        /Net::(?:HTTP|FTP|SSH)|open-uri|URI\.(?:open|parse\([^)]*\)\.(?:open|read))|OpenURI|HTTParty|Faraday|RestClient|Excon|Typhoeus|TCPSocket|`[^`]*\b(?:curl|wget)\b|\bgets\b[\s\S]{0,40}sock/,
    },
    { source: 'file.other', pattern: /Find\.find|Dir\.glob\([^)]*(?:home|~)|Dir\[[^\]]*(?:home|~)/i },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'ruby.request',
      pattern:
        /Net::(?:HTTP|FTP|SMTP)(?:[.:]\w+)*\s*\(?|\bURI(?:\.(?:open|parse))?\s*\(|(?:HTTParty|Faraday|RestClient|Excon|Typhoeus)\.\w+\s*\(?|(?<![.\w])open\s*\(?\s*(?=["']https?:)/,
    },
    {
      sink: 'net.socket',
      api: 'ruby.socket',
      pattern: /(?:TCP|UDP|SSL)Socket\.(?:new|open)\s*\(?|Socket\.tcp\s*\(|UDPSocket\.new/,
    },
    {
      sink: 'net.handler',
      api: 'ruby.socket-shell',
      pattern:
        /(?:\$std(?:in|out|err)|STD(?:IN|OUT|ERR))\.reopen\s*\(?\s*\w*s|(?:TCPSocket|Socket\.tcp)[\s\S]{0,1200}(?:IO\.popen|`#\{|Open3\.\w+|%x[({[]\s*#\{|exec\s*\(?\s*["'][^"']*sh\b|system\s*\(?\s*\w+\s*\)?)/,
    },
    {
      sink: 'dns.query',
      api: 'ruby.resolve',
      pattern:
        /Resolv(?:\.|::)\w+(?:\.\w+)?\s*\(?|getaddress\s*\(|(?:Addrinfo|Socket|IPSocket|TCPSocket)\.(?:getaddrinfo|gethostbyname|ip|tcp)\s*\(?/,
    },
    {
      sink: 'code.eval',
      api: 'ruby.eval',
      pattern:
        /(?<![.\w])eval\s*(?=[(\s])|\b(?:instance_eval|class_eval|module_eval|instance_exec|binding\.eval)\b\s*(?=[(\s"'])|(?:Marshal|YAML)\.(?:unsafe_)?load\s*\(|RubyVM::InstructionSequence|(?<![.\w])load\s*\(?\s*(?=["'](?:\/|http)|\w+\.path)|\.send\s*\(\s*:(?:eval|system|exec)/,
    },
    {
      sink: 'process.spawn',
      api: 'ruby.spawn',
      pattern:
        /(?<![.\w])(?:system|exec|spawn|sh)\s*\(?\s*(?=["'[])|(?:Kernel|Process)\.(?:system|exec|spawn)\s*\(?|IO\.popen\s*\(?|Open3\.\w+\s*\(?|PTY\.spawn\s*\(?/,
      runs: 'shell',
    },
    { sink: 'process.spawn', api: 'ruby.backtick', pattern: /`([^`\n]{2,2000})`/, runs: 'shell', inner: true },
    {
      sink: 'process.spawn',
      api: 'ruby.x',
      pattern: /%x\s*[([{<|!]([^\n]{2,1000}?)[)\]}>|!](?=[\s.;)]|$)/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'fs.write',
      api: 'ruby.write',
      pattern:
        /(?:File|IO)\.(?:bin)?write\s*\(?|File\.(?:open|new)\s*\(?(?=[^\n]{1,200},\s*["'][wa])|FileUtils\.(?:cp\w*|mv|ln_s\w*|install)\s*\(?/,
    },
    {
      sink: 'fs.delete',
      api: 'ruby.delete',
      pattern: /FileUtils\.(?:rm\w*|remove\w*)\s*\(?|File\.(?:delete|unlink)\s*\(?|Dir\.rmdir\s*\(?/,
    },
    { sink: 'fs.mode', api: 'ruby.chmod', pattern: /(?:File|FileUtils)\.chmod\w*\s*\(?/ },
    {
      sink: 'console.out',
      api: 'ruby.print',
      pattern: /(?<![.\w:@])(?:puts|print|p|pp|\$stdout\.\w+|STDOUT\.\w+)[ (]/,
    },
  ],
  fold: (text) => {
    const joined = text
      .replace(/File\.(?:expand_path|join)\(\s*(?:Dir\.home|ENV\[["']HOME["']\])\s*,\s*(["'])/g, '($1~/')
      .replace(/File\.expand_path\(\s*(["'])/g, '($1')
      .replace(/#\{(?:Dir\.home|ENV\[["']HOME["']\]|ENV\.fetch\(["']HOME["']\))\}/g, '~')
      .replace(/\b(?:Dir\.home|ENV\[["']HOME["']\])\s*\+\s*(["'])/g, '$1~')
      .replace(/\bDir\.home\b/g, '"~"')
      .replace(
        /Base64\.(?:strict_|urlsafe_)?decode64\s*\(?\s*["']([A-Za-z0-9+/=_-]{8,})["']\s*\)?/g,
        (_all, body: string) => JSON.stringify(Buffer.from(body, 'base64').toString('utf8')),
      )
      .replace(
        /["']([A-Za-z0-9+/=]{16,})["']\.unpack1?\(\s*["']m0?["']\s*\)(?:\.first|\[0\])?/g,
        (_all, body: string) => JSON.stringify(Buffer.from(body, 'base64').toString('utf8')),
      )
      .replace(/\[\s*["']([0-9a-f]{16,})["']\s*\]\.pack\(\s*["']H\*["']\s*\)/gi, (_all, hex: string) =>
        JSON.stringify(Buffer.from(hex, 'hex').toString('utf8')),
      )
      .replace(/\[([\d\s,]{8,})\]\.(?:map\(&:chr\)\.join|pack\(\s*["'][cCU]\*["']\s*\))/g, (_all, list: string) =>
        JSON.stringify(String.fromCharCode(...list.split(',').map(Number))),
      )
      .replace(/["']([^"'\n]{6,})["']\.reverse\b/g, (_all, body: string) =>
        JSON.stringify([...body].reverse().join('')),
      )
      .replace(
        /(["'])((?:\\.|(?!\1)[^\\\n])*)\1\s*[+<]{1,2}\s*\1/g,
        (_all, quote: string, body: string) => `${quote}${body}`,
      );
    return { text: joined, decoded: decodedBase64(text, 'utf8') };
  },
};
