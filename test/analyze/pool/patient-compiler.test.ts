import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { patienceOf } from '../../../src/analyze/pool/patient-compiler.js';

describe('patienceOf', () => {
  it('names a flag that the running V8 takes without a word', async () => {
    const flag = patienceOf(process.versions.node);
    const code = `require('node:v8').setFlagsFromString(${JSON.stringify(flag)})`;
    const { stderr, stdout } = await promisify(execFile)(process.execPath, ['-e', code]);
    expect(flag).toMatch(/^--[a-z-]+=\d+$/);
    expect(stderr + stdout).toBe('');
  });

  it('is null for versions whose flags are not known', () => {
    expect(patienceOf('19.0.0')).toBeNull();
    expect(patienceOf('97.1.0')).toBeNull();
  });
});
