// Reads well-known large packages and writes their verdicts into verdicts/shipped.jsonl, which comes with this package:
// `npm run shipped-verdicts`. They count only where the very engine and rules that made them are at work, so this is run last
// before a release; `npm run shipped-verdicts -- --check` says whether the file still fits, and exits 1 where it does not.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pacote from 'pacote';
import { loadNpmConfig } from '../../src/config/index.js';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

// The built analyzer: the engine's version is that of the code that users run.
const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;
const { AnalyzerPool, defaultRulesFolder } = (await import(
  built('analyze/index.js')
)) as typeof import('../../src/analyze/index.js');
const { currentVerdictKey, isLasting, recordKey, recordLine } = (await import(
  built('analyze/verdict-segments.js')
)) as typeof import('../../src/analyze/verdict-segments.js');
const { readHeader } = (await import(
  built('analyze/shipped-verdicts.js')
)) as typeof import('../../src/analyze/shipped-verdicts.js');

const target = fileURLToPath(new URL('../../verdicts/shipped.jsonl', import.meta.url));
const verdictKey = currentVerdictKey([]);
/** Packages that are read at once; most of the time goes into fetching. */
const AT_ONCE = 6;
/** Unpacked bytes below which reading a package anew costs next to nothing. */
const WORTH_KEEPING = 50_000;

if (values.check) check();
else await generate();

function check(): void {
  const header = existsSync(target) ? readHeader(target) : null;
  const fits = header?.verdictKey === verdictKey;
  console.log(
    fits
      ? `verdicts/shipped.jsonl of ${header?.date} fits engine and rules`
      : 'verdicts/shipped.jsonl is of another engine or other rules, and will not be used: npm run shipped-verdicts',
  );
  process.exitCode = fits ? 0 : 1;
}

async function generate(): Promise<void> {
  const { flat } = await loadNpmConfig([], process.cwd(), process.env);
  const specs = (await readFile(new URL('packages.txt', import.meta.url), 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const host = new URL(String(flat['registry'])).host;
  const folder = await mkdtemp(join(tmpdir(), 'safe-install-shipped-'));
  const pool = new AnalyzerPool({ rulesFolders: [defaultRulesFolder()], home: null });
  const found: (string | null)[] = [];
  let next = 0;
  const readNext = async (): Promise<void> => {
    for (let index = next++; index < specs.length; index = next++)
      found[index] = await recordOf(specs[index] as string, { pool, folder, flat: { ...flat }, host }).catch(
        (error: unknown) => {
          console.error(`${specs[index]}: ${error instanceof Error ? error.message : String(error)}`);
          return null;
        },
      );
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
  const lines = new Set(found.filter((line) => line !== null));
  const date = new Date().toISOString().slice(0, 10);
  const header = JSON.stringify({ format: 'safe-install-shipped-verdicts', date, verdictKey });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.tmp`, `${[header, ...lines].join('\n')}\n`);
  await rename(`${target}.tmp`, target);
  console.error(`${lines.size} verdicts in verdicts/shipped.jsonl`);
}

interface Reading {
  pool: InstanceType<typeof AnalyzerPool>;
  folder: string;
  flat: object;
  host: string;
}

/** The record of a package; null where reading it costs nothing, or where its verdict is none to be kept. */
async function recordOf(spec: string, { pool, folder, flat, host }: Reading): Promise<string | null> {
  const bytes = await pacote.tarball(spec, { ...flat, ignoreScripts: true } as pacote.Options);
  const file = join(folder, `${createHash('sha256').update(spec).digest('hex')}.tgz`);
  await writeFile(file, bytes);
  const verdict = await pool.scan({ kind: 'tarball', file, integrity: bytes.integrity, source: 'registry' });
  await rm(file);
  // This repository names no registry: a verdict that quotes the configured one's host stays out.
  const kept = isLasting(verdict) && bytes.integrity.startsWith('sha512-') && !JSON.stringify(verdict).includes(host);
  if (!kept || verdict.action !== 'allow')
    console.error(
      `${bytes.resolved.slice(bytes.resolved.lastIndexOf('/') + 1)}: ${verdict.action}${kept ? '' : ', not kept'}`,
    );
  const key = recordKey(bytes.integrity, '');
  const stats = { ...verdict.stats, ms: 0 };
  return kept && stats.bytes >= WORTH_KEEPING ? recordLine(key, { ...verdict, stats }) : null;
}
