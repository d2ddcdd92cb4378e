// Reads well-known packages and writes their verdicts into verdicts/shipped.jsonl, which comes with this package:
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
import { lt, rsort, satisfies, valid, validRange } from 'semver';
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
/** Milliseconds above which the versions before are read too, and how many of them. */
const DEAR = 50;
const EARLIER = 3;

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
  const lines = new Set<string>();
  const queue = specs.slice();
  const asked = new Set(specs);
  const readNext = async (): Promise<void> => {
    for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) {
      try {
        const read = await recordOf(spec, { pool, folder, flat: { ...flat }, host });
        if (read === null) continue;
        lines.add(read.line);
        if (read.ms < DEAR) continue;
        for (const earlier of await earlierVersions(spec, read.version, flat)) {
          // Two ranges of a package can share a version before.
          if (!asked.has(earlier)) queue.push(earlier);
          asked.add(earlier);
        }
      } catch (error) {
        console.error(`${spec}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
  const date = new Date().toISOString().slice(0, 10);
  const header = JSON.stringify({ format: 'safe-install-shipped-verdicts', date, verdictKey });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.tmp`, `${[header, ...[...lines].sort()].join('\n')}\n`);
  await rename(`${target}.tmp`, target);
  console.error(`${lines.size} verdicts in verdicts/shipped.jsonl`);
}

interface Reading {
  pool: InstanceType<typeof AnalyzerPool>;
  folder: string;
  flat: object;
  host: string;
}

/** What reading a package gave: its record, its version, and what it took. */
interface ReadPackage {
  line: string;
  version: string;
  ms: number;
}

/** The record of a package; null where its verdict is none to be kept. */
async function recordOf(spec: string, { pool, folder, flat, host }: Reading): Promise<ReadPackage | null> {
  const bytes = await pacote.tarball(spec, { ...flat, ignoreScripts: true } as pacote.Options);
  const file = join(folder, `${createHash('sha256').update(spec).digest('hex')}.tgz`);
  await writeFile(file, bytes);
  const verdict = await pool.scan({ kind: 'tarball', file, integrity: bytes.integrity, source: 'registry' });
  await rm(file);
  const kept = isLasting(verdict) && bytes.integrity.startsWith('sha512-');
  if (!kept || verdict.action !== 'allow')
    console.error(
      `${bytes.resolved.slice(bytes.resolved.lastIndexOf('/') + 1)}: ${verdict.action}${kept ? '' : ', not kept'}`,
    );
  const key = recordKey(bytes.integrity, '');
  const { ms } = verdict.stats;
  // Small ones, too: where every verdict is known no thread has to load the analyzer, which costs as much as reading a hundred of them.
  const stats = { ...verdict.stats, ms: 0 };
  const version = /-(\d[^/]*)\.tgz$/.exec(bytes.resolved)?.[1] ?? '';
  return kept ? { line: withoutHost(recordLine(key, { ...verdict, stats }), host), version, ms } : null;
}

/** The same JSON without the configured registry's host in its text, for this repository names none: its first letter as JSON's escape. */
function withoutHost(line: string, host: string): string {
  return line.replaceAll(host, `\\u${host.charCodeAt(0).toString(16).padStart(4, '0')}${host.slice(1)}`);
}

/** The versions of a line before one of it, newest first: lock files are older than what is newest today. None for a tag or one version. */
async function earlierVersions(spec: string, version: string, flat: object): Promise<string[]> {
  const at = spec.lastIndexOf('@');
  const [name, range] = [spec.slice(0, at), spec.slice(at + 1)];
  if (at <= 0 || valid(range) !== null || validRange(range) === null) return [];
  const { versions } = await pacote.packument(name, { ...flat } as pacote.Options);
  return rsort(Object.keys(versions).filter((each) => satisfies(each, range) && lt(each, version)))
    .slice(0, EARLIER)
    .map((each) => `${name}@${each}`);
}
