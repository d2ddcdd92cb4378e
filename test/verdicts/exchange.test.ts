import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultRulesFolder } from '../../src/analyze/default-rules.js';
import { openVerdictCache } from '../../src/analyze/index.js';
import { hashRules } from '../../src/analyze/rules/rule-files.js';
import type { Verdict } from '../../src/model.js';
import { exportVerdicts, importVerdicts, makeKeyPair } from '../../src/verdicts/index.js';

const KEY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const verdict: Verdict = {
  action: 'allow',
  score: 3,
  findings: [],
  capabilities: ['network'],
  stats: { files: 1, bytes: 2, parsed: 1, ms: 4, fromCache: false },
};
const rulesHash = hashRules([defaultRulesFolder()]);
const now = new Date('2026-11-23T00:00:00Z');
const pair = makeKeyPair();
const signer = { pem: pair.privateKey, where: 'key.pem' };

let base: string;
let file: string;
const place = (name: string) => ({ home: join(base, name), rulesFolders: [] });
const read = (name: string, trustedKeys: string[]) =>
  openVerdictCache(join(base, name), rulesHash, { trustedKeys, shipped: null }).get(KEY);

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-exchange-'));
  file = join(base, 'verdicts.signed');
  openVerdictCache(join(base, 'ours'), rulesHash, { shipped: null }).set(KEY, verdict);
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe('exported verdicts', () => {
  test('count elsewhere while the policy there trusts the key, and only then', async () => {
    expect(await exportVerdicts(file, place('ours'), signer, now)).toEqual({ exported: 1 });
    expect(await importVerdicts(file, place('theirs'), [pair.publicKey])).toEqual({
      imported: 1,
      sameEngine: true,
      created: now.toISOString(),
    });
    expect(read('theirs', [pair.publicKey])).toEqual({ ...verdict, stats: { ...verdict.stats, fromCache: true } });
    expect(read('theirs', [])).toBeNull();
    expect(read('theirs', [makeKeyPair().publicKey])).toBeNull();
  });

  test('are not passed on by those who imported them', async () => {
    await exportVerdicts(file, place('ours'), signer, now);
    await importVerdicts(file, place('theirs'), [pair.publicKey]);
    expect(await exportVerdicts(join(base, 'again'), place('theirs'), signer, now)).toEqual({ exported: 0 });
  });

  test('of several imports stay together', async () => {
    await exportVerdicts(file, place('ours'), signer, now);
    await importVerdicts(file, place('theirs'), [pair.publicKey]);
    openVerdictCache(join(base, 'more'), rulesHash).set(`sha512-${Buffer.alloc(64, 2).toString('base64')}`, verdict);
    await exportVerdicts(file, place('more'), signer, now);
    await importVerdicts(file, place('theirs'), [pair.publicKey]);
    expect(read('theirs', [pair.publicKey])).not.toBeNull();
  });
});

describe('an import refuses, and keeps nothing of,', () => {
  async function refused(code: string, trusted = [pair.publicKey]): Promise<void> {
    await expect(importVerdicts(file, place('theirs'), trusted)).rejects.toMatchObject({
      code,
      exitCode: 1,
      where: file,
    });
    expect(read('theirs', [pair.publicKey])).toBeNull();
  }

  test('a file signed with another key', async () => {
    await exportVerdicts(file, place('ours'), { ...signer, pem: makeKeyPair().privateKey }, now);
    await refused('ECACHEUNTRUSTED');
    await exportVerdicts(file, place('ours'), signer, now);
    await refused('ECACHEUNTRUSTED', []);
  });

  test('a file that names a trusted key and is signed with another', async () => {
    const other = makeKeyPair();
    await exportVerdicts(file, place('ours'), { ...signer, pem: other.privateKey }, now);
    await writeFile(file, (await readFile(file, 'utf8')).replace(other.publicKey, pair.publicKey));
    await refused('ECACHESIGNATURE');
  });

  test('a file without a signature', async () => {
    await exportVerdicts(file, place('ours'), signer, now);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    await writeFile(file, `${lines.slice(0, -1).join('\n')}\n`);
    await refused('ECACHESIGNATURE');
    await writeFile(file, `${lines[0]}\n`);
    await refused('ECACHESIGNATURE');
  });

  test('a file with any changed or missing byte', async () => {
    await exportVerdicts(file, place('ours'), signer, now);
    const bytes = await readFile(file);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await writeFile(file, changed);
      await expect(importVerdicts(file, place('theirs'), [pair.publicKey])).rejects.toThrow();
      await writeFile(file, bytes.subarray(0, at));
      await expect(importVerdicts(file, place('theirs'), [pair.publicKey])).rejects.toThrow();
    }
    expect(read('theirs', [pair.publicKey])).toBeNull();
  });

  test.each(['', '\n', 'no verdicts\n', '{"format":"safe-install-verdicts"}\n{}\n'])('the file %j', async (text) => {
    await writeFile(file, text);
    await refused('ECACHEFILE');
  });

  test('a file that is not there, and a folder', async () => {
    await refused('ECACHEFILE');
    await mkdir(file);
    await refused('ECACHEFILE');
  });

  test('what another engine or other rules made', async () => {
    const rules = join(base, 'rules');
    await mkdir(join(rules, 'behaviours'), { recursive: true });
    await writeFile(join(rules, 'behaviours/own.yaml'), 'x: 1\n');
    await exportVerdicts(file, { ...place('ours'), rulesFolders: [rules] }, signer, now);
    expect(await importVerdicts(file, place('theirs'), [pair.publicKey])).toMatchObject({
      imported: 0,
      sameEngine: false,
    });
  });
});

test('an export needs an ed25519 key', async () => {
  for (const pem of ['', 'no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n']) {
    await expect(exportVerdicts(file, place('ours'), { pem, where: 'k' }, now)).rejects.toMatchObject({
      code: 'ECACHEKEY',
    });
  }
});
