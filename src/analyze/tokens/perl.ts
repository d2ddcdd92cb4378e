import { decodedBase64, type TokenLanguage } from './scan.js';

/** Perl. */
export const PERL: TokenLanguage = {
  language: 'script',
  comment: /(?<=^|\n)[ \t]*#[^\n]*|(?<=^|\n)=(?:pod|head|begin)[\s\S]*?\n=cut/g,
  sources: [
    { source: 'env.all', pattern: /%ENV\b|keys\s+%ENV|values\s+%ENV|\bprintenv\b/ },
    { source: 'secret.env', pattern: /\$ENV\{\s*["']?[A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*/ },
    {
      source: 'identity.host',
      pattern:
        /\bhostname\s*\(|Sys::Hostname|\bgetlogin\b|POSIX::uname|\buname\s*\(\)|getpwuid\s*\(?|\$ENV\{\s*["']?(?:USER|LOGNAME|HOSTNAME)/,
    },
    {
      source: 'net.response',
      pattern:
        /LWP::|HTTP::(?:Tiny|Request|Response)|IO::Socket|Net::\w+|WWW::Mechanize|Mojo::UserAgent|`[^`]*\b(?:curl|wget|fetch)\b|qx\W[^\n]*\b(?:curl|wget)\b|\brecv\s*\(|sockaddr_in/,
    },
    { source: 'file.other', pattern: /File::Find/ },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'perl.request',
      pattern:
        /->\s*(?:get|post|post_form|put|patch|request|mirror|send_request|syswrite)\s*\(|(?<![\w:>])(?:get|getstore|getprint|mirror)\s*\(?\s*(?=["']https?:)|Net::(?:SMTP|FTP|SSH)\S*->new\s*\(/,
    },
    {
      sink: 'net.socket',
      api: 'perl.socket',
      pattern: /IO::Socket(?:::\w+)*->new\s*\(|\bconnect\s*\(?\s*(?:my\s+)?\$?\w+\s*,|->connect\s*\(/,
    },
    {
      sink: 'net.handler',
      api: 'perl.socket-shell',
      pattern:
        /open\s*\(?\s*(?:STDIN|STDOUT|STDERR)\s*,\s*["'][<>+]{1,2}&|(?:IO::Socket|\bsocket\s*\()[\s\S]{0,1500}(?:exec\s*\(?\s*["'{][^"']*sh\b|`\$\w+`|qx\W\s*\$|system\s*\(?\s*\$)/,
    },
    { sink: 'dns.query', api: 'perl.resolve', pattern: /\b(?:gethostbyname|inet_aton|getaddrinfo)\s*\(?|Net::DNS/ },
    {
      sink: 'code.eval',
      api: 'perl.eval',
      pattern:
        /(?<![\w$@%>-])eval\s*(?=[("'$]|[a-z_:]+\s*[($"']|pack\b)|(?<![\w$@%>-])(?:do|require)\s+(?=\$|["']\/)|s\/[^\n]*\/[a-z]*ee[a-z]*\b/,
    },
    {
      sink: 'process.spawn',
      api: 'perl.spawn',
      pattern: /(?<![\w$@%>:-])(?:system|exec|IPC::Open3|open3|open2)\s*\(?\s*(?=[@"'$(])|IPC::Run\S*\s*\(/,
      runs: 'shell',
    },
    { sink: 'process.spawn', api: 'perl.backtick', pattern: /`([^`\n]{2,2000})`/, runs: 'shell', inner: true },
    {
      sink: 'process.spawn',
      api: 'perl.qx',
      pattern: /\bqx\s*[{([/|!~'"]([^\n]{2,1000}?)[})\]/|!~'"]\s*(?=[;\n),.]|$)/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'perl.open',
      pattern:
        /\bopen\s*\(?\s*(?:my\s+)?\$?\w+\s*,\s*["']\s*(?:\||-\|["']\s*,\s*["']|\|-["']\s*,\s*["'])\s*([^"'\n]{2,1000}?)["']/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'perl.open',
      pattern: /\bopen\s*\(?\s*(?:my\s+)?\$?\w+\s*,\s*["']([^"'\n|<>]{2,1000}?)\|\s*["']/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'fs.write',
      api: 'perl.write',
      pattern:
        /\bopen\s*\(?\s*(?:my\s+)?\$?\w+\s*,\s*["']\s*\+?>{1,2}(?:["']\s*,\s*|:\w+["']\s*,\s*)?(?=["'$])|(?<![\w$@%>:-])(?:rename|symlink|copy|move)\s*\(?\s*(?=["'$])/,
    },
    {
      sink: 'fs.delete',
      api: 'perl.delete',
      pattern: /(?<![\w$@%>:-])(?:unlink|rmtree|remove_tree|rmdir)\s*\(?\s*(?=["'$])/,
    },
    { sink: 'fs.mode', api: 'perl.chmod', pattern: /(?<![\w$@%>:-])chmod\s*\(?\s*0/ },
    { sink: 'console.out', api: 'perl.print', pattern: /(?<![\w$@%>:-])(?:print|printf|say)\s*\(?\s*(?!\w+ *[{"'$])/ },
  ],
  fold: (text) => {
    const joined = text
      .replace(/\$ENV\{\s*["']?(?:HOME|USERPROFILE)["']?\s*\}\s*\.\s*(["'])/g, '$1~')
      .replace(/\$ENV\{\s*["']?(?:HOME|USERPROFILE)["']?\s*\}/g, '~')
      .replace(/\bpack\s*\(?\s*["']H\*["']\s*,\s*["']([0-9a-f\s]+)["']\s*\)?/gi, (_all, hex: string) =>
        JSON.stringify(Buffer.from(hex.replace(/\s/g, ''), 'hex').toString('utf8')),
      )
      .replace(/\bjoin\s*\(?\s*["']{2}\s*,\s*map\s*\{?\s*\(?chr\)?[^(]*\(([\d\s,]+)\)\s*\)?/g, (_all, list: string) =>
        JSON.stringify(String.fromCharCode(...list.split(',').map(Number))),
      )
      .replace(/\bdecode_base64\s*\(?\s*["']([A-Za-z0-9+/=\s]{8,})["']\s*\)?/g, (_all, body: string) =>
        JSON.stringify(Buffer.from(body, 'base64').toString('utf8')),
      )
      .replace(/\b(?:scalar\s+)?reverse\s*\(?\s*["']([^"'\n]{4,})["']\s*\)?/g, (_all, body: string) =>
        JSON.stringify([...body].reverse().join('')),
      )
      .replace(/(["'])((?:\\.|(?!\1)[^\\\n])*)\1\s*\.\s*\1/g, (_all, quote: string, body: string) => `${quote}${body}`);
    return { text: joined, decoded: decodedBase64(text, 'utf8') };
  },
};
