import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  currentVerdictKey,
  importedFile,
  isLasting,
  parseRecord,
  readSegment,
  segmentFile,
} from '../analyze/verdict-segments.js';
import { EXIT, SafeInstallError } from '../errors.js';
import { signVerdicts, verifyVerdicts } from './signed-file.js';

const MAX_BYTES = 256 * 1024 * 1024;

/** Where verdicts are kept and what they depend on. */
export interface ExchangePlace {
  /** SAFE_INSTALL_HOME. */
  home: string;
  /** Rule folders of the policy, besides the bundled one. */
  rulesFolders: readonly string[];
}

/**
 * Writes what this machine has read under its engine and rules into a signed file. What was imported is not passed on.
 * @throws SafeInstallError ECACHEKEY, or ECACHEFILE where the file cannot be written
 */
export async function exportVerdicts(
  file: string,
  { home, rulesFolders }: ExchangePlace,
  privateKey: { pem: string; where: string },
  now: Date,
): Promise<{ exported: number }> {
  const key = currentVerdictKey(rulesFolders);
  const lines = [...readSegment(segmentFile(home, key)).entries.values()].filter((line) => parseRecord(line) !== null);
  const text = signVerdicts(lines, key, privateKey, now);
  await replaceFile(file, text);
  return { exported: lines.length };
}

/**
 * Takes verdicts out of a signed file. They are kept apart by signer, and count only while the policy trusts that key: what one
 * project's policy trusts never decides for another. Verdicts of another engine or other rules are of no use here: `imported` is
 * then 0.
 * @throws SafeInstallError ECACHEFILE, ECACHEUNTRUSTED, ECACHESIGNATURE; nothing was imported then
 */
export async function importVerdicts(
  file: string,
  { home, rulesFolders }: ExchangePlace,
  trustedKeys: readonly string[],
): Promise<{ imported: number; sameEngine: boolean; created: string }> {
  const { header, lines } = verifyVerdicts(await readBounded(file), trustedKeys, file);
  const { created, publicKey, verdictKey } = header;
  if (verdictKey !== currentVerdictKey(rulesFolders)) return { imported: 0, sameEngine: false, created };
  const target = importedFile(home, publicKey, verdictKey);
  const { entries } = readSegment(target);
  let imported = 0;
  for (const line of lines) {
    const record = parseRecord(line);
    if (record === null) throw badFile('A record of it is not valid.', file);
    if (!isLasting(record.verdict)) continue;
    entries.set(record.key, line);
    imported += 1;
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await replaceFile(target, `${[...entries.values()].join('\n')}\n`);
  for (const name of await readdir(dirname(target))) {
    if (name.endsWith('.jsonl') && name !== basename(target)) await rm(join(dirname(target), name), { force: true });
  }
  return { imported, sameEngine: true, created };
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes; ${MAX_BYTES} are allowed`);
    return await readFile(file);
  } catch (cause) {
    throw badFile(`The file cannot be read: ${(cause as Error).message}`, file);
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw badFile(`The file cannot be written: ${(cause as Error).message}`, file);
  }
}

function badFile(message: string, where: string): SafeInstallError {
  return new SafeInstallError(message, { code: 'ECACHEFILE', exitCode: EXIT.npm, where });
}
