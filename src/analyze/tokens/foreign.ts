import { decodedBase64, type TokenLanguage } from './scan.js';

/**
 * Languages of which an install script rarely uses more than a few calls, by what these calls are named: Lua, AppleScript and JXA, Tcl,
 * awk, R, Julia, Go, Rust, C and C++, Java, Groovy, C#, Swift, MSBuild.
 */
export const FOREIGN: TokenLanguage = {
  language: 'script',
  comment: /\/\*[\s\S]*?\*\/|(?<=^|\n)[ \t]*(?:\/\/|--|#(?!include|!\[))[^\n]*|<!--[\s\S]*?-->/g,
  sources: [
    {
      source: 'env.all',
      pattern:
        /os\.Environ\(\)|env::vars(?:_os)?\(\)|System\.getenv\(\s*\)|\bextern\s+char\s*\*\*\s*environ|\bENVIRON\b(?!\s*\[)|in\s+ENVIRON\b|Sys\.getenv\(\s*\)|GetEnvironmentVariables\(|\barray\s+get\s+env|ProcessInfo\.processInfo\.environment\b(?!\[)|\bcopy\(ENV\)|collect\(ENV\)/,
    },
    {
      source: 'secret.env',
      pattern:
        /(?:getenv|Getenv|LookupEnv|env::var(?:_os)?|ENVIRON\s*\[|Sys\.getenv|GetEnvironmentVariable|ENV\[)\s*[([]?\s*["'][A-Z_]*(?:TOKEN|SECRET|PASS|KEY|AUTH)[A-Z_]*["']/,
    },
    {
      source: 'identity.host',
      pattern:
        /os\.Hostname\(\)|user\.Current\(\)|\bgethostname\s*\(|\bgetlogin(?:_r)?\s*\(|\buname\s*\(\s*&|InetAddress\.getLocalHost|getProperty\(\s*["']user\.name|Environment\.(?:MachineName|UserName)|info\s+hostname|Sys\.info\(|gethostname\(\)|system attribute|hostname::get|whoami::/,
    },
    {
      source: 'net.response',
      pattern:
        /http\.(?:Get|Post|NewRequest|request)|(?:reqwest|ureq|minreq|hyper|curl)::|TcpStream::connect|net\.Dial|URL\([^)]*\)\.(?:openStream|openConnection|text)|HttpClient|WebClient|HttpURLConnection|::http::|socket\.http|socket"?\)?\.tcp|Downloads\.download|download\.file|url\s*\(\s*["']http|\/(?:inet|%s)\d?\/(?:tcp|udp)|\brecv\s*\(|URLSession|\bpopen\s*\(?[^\n]{0,20}(?:curl|wget)|curl_easy|exec\s+(?:curl|wget)|doShellScript\([^)]*curl/,
    },
    { source: 'input.keys', pattern: /with hidden answer|hiddenAnswer/ },
    { source: 'secret.clipboard', pattern: /the clipboard|NSPasteboard/ },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'script.request',
      pattern:
        /\bhttp\.(?:Get|Post|PostForm|NewRequest|Head)\s*\(|(?:reqwest|ureq|minreq)::(?:\w+::)*\w+\s*\(|new\s+URL\s*\(|URL\s*\(\s*(?:string:\s*)?(?=["']http)|URI\.create\s*\(|(?:GetStringAsync|GetAsync|PostAsync|DownloadString|DownloadFile|DownloadData|UploadString|UploadData)\s*\(|::http::geturl|socket\.http["')]*\.request\s*\(|\b(?:h|http)\.request\s*\(|Downloads\.download\s*\(|\bHTTP\.(?:get|post|request)\s*\(|download\.file\s*\(|(?<!\w)(?:source|url|readLines)\s*\(\s*(?=["']https?:)|httr::\w+\s*\(|URLSession\.shared|curl_easy_setopt\s*\([^,]*,\s*CURLOPT_URL\s*,/,
    },
    {
      sink: 'net.socket',
      api: 'script.socket',
      pattern:
        /net\.Dial(?:Timeout)?\s*\(|TcpStream::connect\s*\(|new\s+(?:java\.net\.)?Socket\s*\(|new\s+TcpClient\s*\(|["']?\/(?:inet|%s)\d?\/(?:tcp|udp|%s)\/\d+\/|\bsocket\s+(?=[\w.$"]+\s+\d+)|:connect\s*\(|inet_(?:addr|pton)\s*\(|connect\s*\(\s*\w+\s*,\s*\(\s*struct\s+sockaddr/,
    },
    {
      sink: 'net.handler',
      api: 'script.socket-shell',
      pattern:
        /\/(?:inet|%s)\d?\/(?:tcp|%s)\/[\s\S]{0,800}(?:[\w)]\s*\|\s*getline|\bsystem\s*\(|\|\s*["'](?:\/bin\/)?sh)|dup2\s*\(\s*\w*(?:s|sock|fd)\w*\s*,\s*[012]\s*\)|(?:net\.Dial|TcpStream::connect|new\s+(?:java\.net\.)?Socket|TcpClient|["']socket["']\)?(?:\)|;)?[\s\S]{0,40}\.tcp)[\s\S]{0,1500}(?:exec\.Command|Command::new|\.exec\s*\(|ProcessBuilder|Process\.Start|io\.popen|os\.execute)/,
    },
    {
      sink: 'dns.query',
      api: 'script.resolve',
      pattern: /net\.Lookup(?:Host|TXT|IP|Addr)\s*\(|InetAddress\.getByName\s*\(|\bgethostbyname\s*\(/,
    },
    {
      sink: 'code.eval',
      api: 'script.eval',
      pattern:
        /(?<![.\w:])(?:load|loadstring|dofile|loadfile)\s*\(|(?<![.\w:])eval\s*(?=\(|\[|\$)|Assembly\.Load(?:From|File)?\s*\(|(?:defineClass|ScriptEngineManager|URLClassLoader|GroovyShell)\b|include_string\s*\(|(?<![.\w])source\s*\(\s*(?=["']https?:)|VirtualAlloc\w*\s*\(|mprotect\s*\(|run script\s|\buplevel\s|\bplugin\.Open\s*\(|dlopen\s*\(|libloading::/,
    },
    {
      sink: 'process.spawn',
      api: 'script.spawn',
      pattern:
        /\bos\.execute\s*\(|\bio\.popen\s*\(|(?<![.\w:])(?:system|popen|_popen|execlp?e?|execvpe?|posix_spawnp?|WinExec|ShellExecute[AW]?)\s*\(|\bexec\.Command(?:Context)?\s*\((?:\s*ctx\s*,)?|Command::new\s*\(|(?:getRuntime\(\)|Runtime)\.exec\s*\(|ProcessBuilder\s*\(|Process\.(?:Start|run)\s*\(|ProcessStartInfo\s*\(|do shell script\s|doShellScript\s*\(|\bexec\s+(?=["'{]?\/?\w*\/?(?:sh|bash|curl|wget|python3?|perl|nc)\b)|\bsystem2?\s*\(|\brun\s*\(\s*(?=`|pipeline|["'])|commandLine[\s(]+(?=["'])|(?:\.execute\(\)|\bExec\s+Command\s*=\s*)/,
      runs: 'shell',
    },
    {
      sink: 'process.spawn',
      api: 'script.backtick',
      pattern: /`((?:\/bin\/)?(?:sh|bash|curl|wget|python3?|perl|nc)\b[^`\n]{2,1000})`/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'script.exec-line',
      pattern: /\bexec\s+((?:sh|bash)\s+(?:-c\s+)?[^\n]{4,1000})/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'script.exec-task',
      pattern: /<Exec\s[^>]*Command\s*=\s*"([^"]{2,2000})"/i,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'script.pipe',
      pattern: /"([^"\n]{4,600})"\s*\|&?\s*getline/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'script.arguments',
      pattern: /\.arg\(\s*"-c"\s*\)\s*\.arg\(\s*"((?:\\.|[^"\\])*)"/,
      runs: 'shell',
      inner: true,
    },
    {
      sink: 'fs.write',
      api: 'script.write',
      pattern:
        /os\.(?:WriteFile|Create|OpenFile|Rename|Symlink)\s*\(|ioutil\.WriteFile\s*\(|fs::(?:write|copy|rename)\s*\(|File::create\s*\(|io\.open\s*\((?=[^\n]{1,200},\s*["'][wa])|Files\.(?:write|copy|move)\w*\s*\(|new\s+FileWriter\s*\(|File\.(?:WriteAll\w+|AppendAll\w+|Copy|Move)\s*\(|\bfopen\s*\((?=[^\n]{1,200},\s*["'][wa])|writeLines\s*\(/,
    },
    {
      sink: 'fs.delete',
      api: 'script.delete',
      pattern:
        /os\.RemoveAll\s*\(|fs::remove_dir_all\s*\(|os\.remove\s*\(|Directory\.Delete\s*\(|file\s+delete\s+(?:-force\s+)?|\bunlink\s*\(|FileUtils\.deleteDirectory\s*\(/,
    },
    { sink: 'fs.mode', api: 'script.chmod', pattern: /os\.Chmod\s*\(|set_permissions\s*\(|\bchmod\s*\(/ },
  ],
  fold: (text) => {
    const joined = text
      .replace(/os\.getenv\s*\(?\s*["']HOME["']\s*\)?\s*\.\.\s*(["'])/g, '$1~')
      .replace(
        /(?:os\.Getenv\(\s*"HOME"\s*\)|System\.getenv\(\s*"HOME"\s*\)|System\.getProperty\(\s*"user\.home"\s*\))\s*\+\s*"/g,
        '"~',
      )
      .replace(/&(?:quot|apos|amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity)
      .replace(
        /(["'])((?:\\.|(?!\1)[^\\\n])*)\1\s*(?:\+|\.\.|&)\s*\1/g,
        (_all, quote: string, body: string) => `${quote}${body}`,
      );
    return { text: joined, decoded: decodedBase64(text, 'utf8') };
  },
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': "'",
  '&apos;': "'",
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
};
