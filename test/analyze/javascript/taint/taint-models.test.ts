import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTaintModels, TaintModelError } from '../../../../src/analyze/javascript/index.js';

describe('loadTaintModels', () => {
  it('reads the tables that are shipped', () => {
    const models = loadTaintModels('rules/taint');
    expect(models.sinks.get('https.request')).toEqual({ sink: 'net.out', target: 'url' });
    expect(models.sources.get('os.hostname')?.source).toBe('identity.host');
    expect(models.aliases.get('graceful-fs')).toBe('fs');
  });

  it('names the file and the place of what does not fit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'taint-'));
    cpSync('rules/taint', folder, { recursive: true });
    const file = join(folder, 'sinks.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('version: 1', 'version: 1\nsurprise: true'));
    expect(() => loadTaintModels(folder)).toThrow(TaintModelError);
    expect(() => loadTaintModels(folder)).toThrow(/sinks\.yaml/);
    expect(() => loadTaintModels(join(folder, 'none'))).toThrow(/cannot be read/);
  });

  it('takes an added table into account', () => {
    const folder = mkdtempSync(join(tmpdir(), 'taint-'));
    cpSync('rules/taint', folder, { recursive: true });
    writeFileSync(
      join(folder, 'sinks-own.yaml'),
      "version: 1\nsinks:\n  - { sink: net.out, target: '0', apis: [our-client.send] }\n",
    );
    expect(loadTaintModels(folder).sinks.get('our-client.send')?.sink).toBe('net.out');
  });
});
