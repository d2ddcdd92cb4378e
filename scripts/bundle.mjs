// Part of the build, after tsc: puts what the command and its threads load into few files, dist/bundle. Node reads, resolves and
// compiles every module of its own: a worker of the analyzer had some 260 of them, a third of its start. What tsc made stays beside
// it, for the library and as the place that the bundled code believes to lie at. Packages stay outside, but for zod, of which
// a tenth is used, and the shell's parser of 17 files.
import { readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const outdir = join(dist, 'bundle');

/** Files are looked for beside the module that asks for them, not beside the bundle. */
const ownPlace = {
  name: 'own-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (relative(dist, path).startsWith('..')) return undefined;
      const text = await readFile(path, 'utf8');
      const place = JSON.stringify(relative(outdir, path).replaceAll('\\', '/'));
      return {
        contents: text
          .replace(/\bimport\.meta\.url\b/g, `new URL(${place}, import.meta.url).href`)
          .replace(/^import \{ z \} from 'zod';$/m, "import * as z from 'zod';"),
        loader: 'js',
      };
    });
  },
};

/** Packages whose code is in the bundle; a version of theirs that the verdicts' key names is then the one of the build. */
const INSIDE = ['zod', 'unbash'];

/** All other packages. */
const packagesOutside = {
  name: 'packages-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
      const ours = !relative(dist, dirname(importer)).startsWith('..');
      return ours && !INSIDE.includes(path) ? { path, external: true } : undefined;
    });
  },
};

const { codeHash, versionOf } = await import(pathToFileURL(join(dist, 'analyze', 'engine-version.js')).href);
const common = {
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  legalComments: 'linked',
  define: {
    BUNDLED_CODE_HASH: JSON.stringify(codeHash()),
    BUNDLED_VERSIONS: JSON.stringify(Object.fromEntries(INSIDE.map((name) => [name, versionOf(name)]))),
  },
  plugins: [ownPlace, packagesOutside],
  logLevel: 'warning',
};
const entries = { cli: join(dist, 'cli', 'main.js'), analyzer: join(dist, 'analyze', 'pool', 'worker.js') };
const made = new Set();
// One by one, so that what the command loads is not cut into what the threads share with it.
for (const [name, entry] of Object.entries(entries)) {
  const own = { entryPoints: { [name]: entry }, splitting: true, chunkNames: `${name}-[hash]`, metafile: true };
  const { metafile } = await build({ ...common, ...own });
  for (const file of Object.keys(metafile.outputs)) made.add(basename(file));
}
for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
