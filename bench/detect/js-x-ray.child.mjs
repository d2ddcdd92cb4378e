// Scans one package a message with @nodesecure/js-x-ray (its path is the first argument), on Node 24.
// Mapped as kindly as its severities allow: a warning of severity Critical is a block, one of severity Warning a review;
// it sees the files that run: what lifecycle scripts start with node, main, exports and bin, and what these require.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { x as extract } from 'tar';

const { EntryFilesAnalyser, AstAnalyser } = await import(pathToFileURL(process.argv[2]).href);

function leaves(value) {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(leaves);
}

function scriptFiles(text) {
  return [...text.matchAll(/\bnode(?:\s+-\S+)*\s+([^\s;&|"']+)/g)].map((match) => match[1]);
}

function entryFiles(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const scripts = manifest.scripts ?? {};
  const named = [
    ...['preinstall', 'install', 'postinstall'].flatMap((event) => scriptFiles(String(scripts[event] ?? ''))),
    manifest.main ?? 'index.js',
    manifest.module,
    ...leaves(manifest.exports),
    ...leaves(manifest.bin),
  ];
  const candidates = named
    .filter((name) => typeof name === 'string' && !name.includes('*'))
    .flatMap((name) => [name, `${name}.js`, join(name, 'index.js')].map((file) => join(folder, file)));
  return [...new Set(candidates)].filter((file) => /\.[cm]?[jt]s$/.test(file) && existsSync(file));
}

function inlineCode(folder) {
  const scripts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts ?? {};
  return ['preinstall', 'install', 'postinstall'].flatMap((event) =>
    [...String(scripts[event] ?? '').matchAll(/\bnode\s+-(?:e|p)\s+"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]),
  );
}

async function judge(folder) {
  const warnings = [];
  for await (const report of new EntryFilesAnalyser({ ignoreENOENT: true }).analyse(entryFiles(folder)))
    warnings.push(...report.warnings);
  for (const code of inlineCode(folder)) {
    try {
      warnings.push(...new AstAnalyser().analyse(code).warnings);
    } catch {
      // text that does not parse gives no warning, as with a file
    }
  }
  const severities = new Set(warnings.map(({ severity }) => severity));
  const action = severities.has('Critical') ? 'block' : severities.has('Warning') ? 'review' : 'allow';
  return { action, rules: [...new Set(warnings.map(({ kind }) => kind))] };
}

process.on('message', async ({ path, kind }) => {
  const folder = kind === 'folder' ? path : mkdtempSync(join(tmpdir(), 'bench-detect-'));
  try {
    if (kind === 'tarball')
      await extract({ file: path, cwd: folder, strip: 1, filter: (_, entry) => !/Link$/.test(entry.type ?? '') });
    const before = process.cpuUsage();
    const { action, rules } = await judge(folder);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    process.send({ action, score: null, rules, ms, rssMb: process.memoryUsage.rss() / 2 ** 20 });
  } catch (error) {
    process.send({ error: String(error) });
  } finally {
    if (kind === 'tarball') rmSync(folder, { recursive: true, force: true });
  }
});
