import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { patienceOf } from '../../../src/analyze/pool/patient-compiler.js';

describe('patienceOf', () => {
  it('names an option that the running Node takes without a word', async () => {
    const flag = patienceOf(process.versions.node);
    const { stderr, stdout } = await promisify(execFile)(process.execPath, [flag ?? '', '-e', '']);
    expect(flag).toMatch(/^--[a-z-]+=\d+$/);
    expect(stderr + stdout).toBe('');
  });

  it('is null for versions whose flags are not known', () => {
    expect(patienceOf('19.0.0')).toBeNull();
    expect(patienceOf('97.1.0')).toBeNull();
  });
});
