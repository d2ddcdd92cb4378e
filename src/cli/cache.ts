import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../errors.js';
import type { Command, CommandContext } from './command.js';
import { type FlagValues, usageError } from './flags.js';

const DAY = 24 * 60 * 60 * 1000;

export const command: Command = {
  usage: ['cache info', 'cache verify', 'cache prune [--all] [--keep <GiB>] [--days <n>]'],
  flags: {
    all: { type: 'boolean', summary: 'prune: remove everything, verdicts too' },
    keep: { type: 'string', value: '<GiB>', summary: 'prune: size of the unpacked store to keep (default 8)' },
    days: { type: 'string', value: '<n>', summary: 'prune: days without use after which a package goes (default 60)' },
  },
  details: [
    'safe-install keeps verdicts by integrity, and packages unpacked once, in SAFE_INSTALL_HOME. Both can be removed at any',
    'time: what is missing is read again from npm’s cache or the registry. verify reads every stored package whole, compares',
    'its hash and removes damaged ones. npm’s own cache is npm’s: `npm cache`.',
  ],
  async run(context) {
    const [what, ...more] = context.args;
    if (more.length > 0) throw usageError('cache takes one word: info, verify or prune.', more[0]!);
    const results = await perform(what, context);
    const { safeJson, visible } = await import('../report/index.js');
    if (context.flags.boolean('json')) context.terminal.out(safeJson({ schema: 1, ...results }));
    else
      for (const [name, value] of Object.entries(results))
        context.terminal.out(`${visible(name)}: ${visible(String(value))}\n`);
    return EXIT.ok;
  },
};

async function perform(
  what: string | undefined,
  { stateDir, flags }: CommandContext,
): Promise<Record<string, unknown>> {
  const { listStore, pruneStore, storeFolder, verifyStore } = await import('../store/index.js');
  const store = storeFolder(stateDir);
  switch (what) {
    case 'info': {
      const { packs, leftovers } = await listStore(store);
      const verdicts = await verdictSegments(stateDir);
      return {
        folder: stateDir,
        packages: packs.length,
        packageBytes: total(packs),
        leftoverFiles: leftovers.length,
        verdictSegments: verdicts.length,
        verdictBytes: total(verdicts),
      };
    }
    case 'verify': {
      const { checked, removed } = await verifyStore(store);
      return { checked, damagedAndRemoved: removed.length };
    }
    case 'prune': {
      const limits = flags.boolean('all') ? { bytes: 0, unusedMs: -1 } : limitsOf(flags);
      const { removed, bytes } = await pruneStore(store, limits, Date.now());
      const segments = flags.boolean('all') ? await verdictSegments(stateDir) : [];
      for (const { file } of segments) await rm(file, { force: true });
      return { removed: removed + segments.length, bytes: bytes + total(segments) };
    }
    default:
      throw usageError('cache needs a word: safe-install cache info, verify or prune', what ?? 'cache');
  }
}

function limitsOf(flags: FlagValues): { bytes: number; unusedMs: number } {
  return { bytes: positive(flags, 'keep', 8) * 2 ** 30, unusedMs: positive(flags, 'days', 60) * DAY };
}

function positive(flags: FlagValues, name: string, otherwise: number): number {
  const text = flags.string(name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw usageError(`--${name} needs a number that is not negative.`, `--${name} ${text}`);
  return value;
}

async function verdictSegments(stateDir: string): Promise<{ file: string; bytes: number }[]> {
  const folder = join(stateDir, 'verdicts');
  const names = await readdir(folder).catch(() => []);
  const segments = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
  return Promise.all(segments.map(async (file) => ({ file, bytes: (await stat(file)).size })));
}

function total(files: { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
