import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import type { Command, CommandContext } from './command.js';
import { type FlagValues, usageError } from './flags.js';
import { policyOf } from './session.js';

const DAY = 24 * 60 * 60 * 1000;

export const command: Command = {
  usage: [
    'cache info',
    'cache verify',
    'cache prune [--all] [--keep <GiB>] [--days <n>]',
    'cache key <file>',
    'cache export <file> [--key <file>]',
    'cache import <file>',
  ],
  flags: {
    all: { type: 'boolean', summary: 'prune: remove everything, verdicts too' },
    keep: { type: 'string', value: '<GiB>', summary: 'prune: size of the unpacked store to keep (default 8)' },
    key: {
      type: 'string',
      value: '<file>',
      summary: 'export: private key; else SAFE_INSTALL_SIGNING_KEY holds its text',
    },
    days: { type: 'string', value: '<n>', summary: 'prune: days without use after which a package goes (default 60)' },
  },
  details: [
    'safe-install keeps verdicts by integrity, and packages unpacked once, in SAFE_INSTALL_HOME. Both can be removed at any',
    'time: what is missing is read again from npm’s cache or the registry. verify reads every stored package whole, compares',
    'its hash and removes damaged ones. npm’s own cache is npm’s: `npm cache`.',
    'export writes the verdicts of this engine and these rules into a signed file, import takes them out of one. They count',
    'only while the policy names the signer’s public key under verdicts.trustedKeys. key makes a pair: the private key goes',
    'into the file, the public one is printed.',
  ],
  async run(context) {
    const [what, ...more] = context.args;
    const exchange = what === 'key' || what === 'export' || what === 'import';
    if (more.length > (exchange ? 1 : 0)) throw usageError(`cache ${what} takes no more words.`, more.at(-1)!);
    const results = exchange ? await exchangeVerdicts(what, more[0], context) : await perform(what, context);
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
      throw usageError('cache needs a word: info, verify, prune, key, export or import', what ?? 'cache');
  }
}

async function exchangeVerdicts(
  what: 'key' | 'export' | 'import',
  target: string | undefined,
  context: CommandContext,
): Promise<Record<string, unknown>> {
  if (target === undefined) throw usageError(`Name the file: safe-install cache ${what} <file>`, what);
  const { exportVerdicts, importVerdicts, makeKeyPair } = await import('../verdicts/index.js');
  const file = resolve(context.cwd, target);
  if (what === 'key') {
    const { privateKey, publicKey } = makeKeyPair();
    await writeFile(file, privateKey, { mode: 0o600, flag: 'wx' }).catch((cause: Error) => {
      throw new SafeInstallError(`The key cannot be written: ${cause.message}`, {
        code: 'ECACHEKEY',
        exitCode: EXIT.npm,
        where: file,
        cause,
      });
    });
    return { privateKey: file, publicKey };
  }
  const { rules, verdicts } = await policyOf(context);
  const place = { home: context.stateDir, rulesFolders: rules };
  if (what === 'import') return importVerdicts(file, place, verdicts.trustedKeys);
  return { file, ...(await exportVerdicts(file, place, await signingKey(context), new Date())) };
}

async function signingKey({ flags, cwd }: CommandContext): Promise<{ pem: string; where: string }> {
  const named = flags.string('key');
  const inEnvironment = process.env['SAFE_INSTALL_SIGNING_KEY'];
  if (named === undefined && inEnvironment !== undefined) {
    return { pem: inEnvironment, where: 'SAFE_INSTALL_SIGNING_KEY' };
  }
  if (named === undefined) {
    throw usageError(
      'export needs a private key: --key <file>, or its text in SAFE_INSTALL_SIGNING_KEY.',
      'cache export',
      ['safe-install cache key <file> makes one.'],
    );
  }
  const where = resolve(cwd, named);
  const pem = await readFile(where, 'utf8').catch((cause: Error) => {
    throw new SafeInstallError(`The key cannot be read: ${cause.message}`, {
      code: 'ECACHEKEY',
      exitCode: EXIT.npm,
      where,
      cause,
    });
  });
  return { pem, where };
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
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const segments = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
  return Promise.all(segments.map(async (file) => ({ file, bytes: (await stat(file)).size })));
}

function total(files: { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
