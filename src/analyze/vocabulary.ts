/**
 * The words that front ends and rules share. A front end may use further ids of the same families (`secret.file.ssh`);
 * rules match by dotted prefix, so `secret` in a rule stands for every `secret.*`.
 */

/** Where a value comes from; `Taint.source` starts with one of these. */
export const SOURCES = {
  'secret.file': 'credential files: ~/.npmrc, ~/.ssh, ~/.aws, .env, /etc/shadow, keychains, shell histories',
  'secret.env': 'one environment variable whose name says token, key, secret, password',
  'secret.browser': 'browser stores: Login Data, Cookies, Local State, extension settings',
  'secret.wallet': 'wallet files: keystore, id.json, exodus, electrum, Local Extension Settings',
  'secret.messenger': 'Discord, Telegram, Slack, Steam stores',
  'secret.tool': 'what a tool prints: gh auth token, npm token, git config, security, secret-tool',
  'key.generated': 'the private half of a key pair, or the phrase of a wallet, that the code has just made',
  'secret.clipboard': 'clipboard text',
  'secret.memory': '/proc/*/mem, /proc/*/environ',
  'cloud.metadata': 'link-local metadata service, ECS and GCP metadata',
  'env.all': 'the whole environment, enumerated, spread or stringified',
  'env.named': 'one harmless variable',
  'identity.host': 'host name, user, home, interfaces, platform, cwd, whoami, id, uname',
  'identity.ip': 'external address services',
  'input.keys': 'keydown and other typing events',
  'input.form': 'form fields, DOM inputs',
  'input.page': 'document.cookie, localStorage, sessionStorage, location',
  'input.request': 'headers or body of a request that a server received',
  'input.media': 'screen, camera, microphone',
  param: 'parameter of an exported function; detail is its name',
  'net.response': 'HTTP body, socket or WebSocket message',
  'dns.response': 'DNS TXT, CNAME and other answers',
  'file.own': 'content of a file of the package itself; detail is its path',
  'file.other': 'content of any other file',
  'wasm.memory': 'what a WebAssembly module exports, its memory included',
  'code.self': 'own source text: fn.toString(), reading __filename',
  argv: 'process.argv',
  platform: 'platform, architecture, versions of the runtime',
  'param.secret': 'parameter whose name says key, seed, password',
  'param.password': 'field of a parameter that is a password',
  'param.credential': "field of a parameter that is a service's own key or token",
  'param.intercepted':
    'what passes through a function that was put in the place of another, or through a hook of a library',
  'wallet.balance': 'what an account holds',
  'wallet.accounts': 'accounts and signatures of an injected wallet',
} as const;

/** What code does with a value; `Observation.sink` starts with one of these. */
export const SINKS = {
  'net.out': 'an HTTP request or other message; the first argument is the URL or host',
  'net.socket': 'a raw TCP, TLS or UDP connection; the first argument is host or host:port',
  'net.listen': 'a server',
  'net.handler': 'a socket or stream wired to a process (reverse shell)',
  'dns.query': 'a name asked for; the first argument is the name',
  'code.eval': 'text run as code: eval, Function, vm, setTimeout(string), module._compile, data: import',
  'code.inject': 'code that a hook of the module loader puts into, or in place of, the modules it loads',
  'code.require': 'require or import of a computed, temporary or absolute path',
  'code.native': 'process.dlopen, process.binding, .node and wasm from data',
  'process.spawn':
    'a child process; the first argument is the whole command line (file and arguments joined by blanks)',
  'process.kill': 'process.kill, shutdown, infinite loop',
  'fs.read': 'a read of a path outside the package; the first argument is the path',
  'fs.write': 'a write, append, copy or rename; the first argument is the target path, the second the content',
  'fs.delete': 'a removal; the first argument is the path',
  'fs.mode': 'chmod; path and mode',
  compare: 'a comparison of a digest with a value of the code',
  monkeypatch: 'a global, prototype or builtin replaced; the first argument is what, e.g. `global.fetch`',
  'clipboard.write': 'the clipboard written',
  'dom.script': 'a script element that gets an address; the first argument is the address',
  'dom.write': 'script or content added to a page',
  'dom.listen': 'a listener on keys or forms; the first argument is the event',
  'console.out': 'text printed',
  'mail.out': 'a mail',
  'code.worker': 'a worker thread',
  'process.stdin': 'input given to a child process',
  wallet: 'a call of an injected wallet',
} as const;

/** Facts about files and the package; `Fact.id` starts with one of these. */
export const FACTS = {
  'parse-failure': 'a file on an entry path that no parser accepts',
  limit: 'a size, step, depth or time limit ended the reading of a file or an archive',
  opaque: 'obfuscated code on an entry path with a dynamic sink that folding could not resolve',
  obfuscated: 'obfuscated code; detail says the kind',
  'unresolved-entry': 'what an entry starts could not be found or understood',
  'hidden-unicode': 'invisible characters that carry data or reorder code',
  'hidden-whitespace': 'code pushed out of sight behind blanks',
  'prompt-injection': 'text that speaks to an automated reviewer',
  archive: 'a problem of the tarball: traversal, links, devices, duplicates, ratio',
  manifest: 'a property of package.json',
  binary: 'an executable by its magic that an entry path loads or runs',
  planted: 'a file that an editor, agent, git or CI runs by itself',
  'magic-mismatch': 'the extension says one thing, the first bytes another',
  'remote-dependency': 'a dependency that does not come from the registry',
  'remote-code': 'code fetched and run by a script text',
} as const;
