// Part of the build, after tsc: puts what the command and its threads load into few files, dist/bundle. Node reads, resolves and
// compiles every module of its own: an install that had nothing to fetch spent a third of its time on some 600 of them. What tsc made
// stays beside it, for the library and as the place that the bundled code believes to lie at.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
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

/** Packages that stay outside: large ones that most commands do not need, and one that looks for files beside its own. */
const OUTSIDE = ['@babel/code-frame', '@babel/parser', '@babel/types', '@npmcli/run-script', 'tsx'];
/** Packages inside whose version the verdicts' key names: it is the one of the build. */
const KEYED = ['@babel/parser', 'tar', 'unbash'];
/**
 * Packages (and one file) that arborist loads at once, for work that most commands have not: they come when they are first used. With each,
 * functions that are taken out of it where it is asked for, and that may stand for themselves until they are called.
 */
const LATE = {
  '@npmcli/metavuln-calculator': [],
  '@npmcli/run-script': [],
  cacache: [],
  glob: ['glob'],
  'npm-registry-fetch': ['pickRegistry'],
  pacote: [],
  sigstore: [],
  './query-selector-all.js': [],
};

const packagesOutside = {
  name: 'packages-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      // Of a CommonJS package in a file of its own, esbuild gives no names to who imports it late.
      return OUTSIDE.includes(name) || kind === 'dynamic-import' ? { path, external: true } : undefined;
    });
  },
};

/** Stands for a package until somebody uses it. */
const packagesLate = {
  name: 'packages-late',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(LATE).join('|').replaceAll('.', '\\.')})$`);
    onResolve({ filter }, ({ path, namespace, kind, resolveDir }) =>
      namespace === 'late' || kind === 'dynamic-import'
        ? undefined
        : { path, namespace: 'late', pluginData: path.startsWith('.') ? resolveDir : root },
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path, pluginData }) => ({
      resolveDir: pluginData,
      contents: `
        let made;
        const real = () => (made ??= require(${JSON.stringify(path)}));
        const parts = ${JSON.stringify(LATE[path])};
        module.exports = new Proxy(function () {}, {
          get: (_, name) => (made === undefined && parts.includes(name) ? (...args) => real()[name](...args) : real()[name]),
          has: (_, name) => name in real(),
          apply: (_, self, args) => Reflect.apply(real(), self, args),
          construct: (_, args) => Reflect.construct(real(), args),
        });`,
    }));
  },
};

/** npm's options are read by a package that calls `url.parse`: Node warns of that where the caller stands in no node_modules. */
const withoutWarning = {
  name: 'without-warning',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[/\\]nopt[/\\]lib[/\\]type-defs\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const call = 'url.parse(String(val))';
      if (text.split('url.').length !== 2 || !text.includes(call)) throw new Error(`${path}: look at its calls of url`);
      const quiet = `((before) => {
        process.noDeprecation = true;
        try { return ${call}; } finally { process.noDeprecation = before; }
      })(process.noDeprecation)`;
      return { contents: text.replace(call, quiet), loader: 'js' };
    });
  },
};

/** Of the parser's packages the analyzer takes the parser, and one table: all of @babel/types takes longer to load than a small scan. */
const parserInside = {
  name: 'parser-inside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@babel\/types$/ }, ({ path }) => ({ path, namespace: 'table' }));
    onResolve({ filter: /^@babel\/parser$/ }, ({ path }) => ({ path: require.resolve(path) }));
    onLoad({ filter: /./, namespace: 'table' }, ({ path }) => ({
      contents: JSON.stringify({ VISITOR_KEYS: require(path).VISITOR_KEYS }),
      loader: 'json',
    }));
    // `require` of a name that esbuild knows, not of one that the file made.
    onLoad({ filter: /parsing[/\\]babel\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/^const require = createRequire.*$/m, ''),
      loader: 'js',
    }));
  },
};

const { codeHash, versionOf } = await import(pathToFileURL(join(dist, 'analyze', 'engine-version.js')).href);
const common = {
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'linked',
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};
const define = {
  BUNDLED_CODE_HASH: JSON.stringify(codeHash()),
  BUNDLED_VERSIONS: JSON.stringify(Object.fromEntries(KEYED.map((name) => [name, versionOf(name)]))),
};
const made = new Set(['LICENSES.txt']);
const inside = new Set();

// One file of CommonJS: of such a file compiled code can be kept by hand, where Node does not (`compiled-file.ts`).
const [analyzer] = await bundle({
  entryPoints: { scan: join(dist, 'analyze', 'pool', 'scan-job.js') },
  entryNames: '[name]-[hash]',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  define: { ...define, 'import.meta.url': 'PLACE' },
  banner: { js: "const PLACE = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [parserInside, ownPlace, packagesLate, packagesOutside],
});
// What the command loads is not cut into what the threads share with it.
for (const [name, entry] of Object.entries({ cli: ['cli', 'main.js'], analyzer: ['analyze', 'pool', 'worker.js'] }))
  await bundle({
    entryPoints: { [name]: join(dist, ...entry) },
    splitting: true,
    chunkNames: `${name}-[hash]`,
    format: 'esm',
    define: { ...define, BUNDLED_ANALYZER: JSON.stringify(analyzer) },
    // What was written as CommonJS asks for Node's modules, and now and then for its own place.
    banner: {
      js: [
        "import { createRequire as requireFrom } from 'node:module';",
        'const require = requireFrom(import.meta.url);',
        'const { filename: __filename, dirname: __dirname } = import.meta;',
      ].join(' '),
    },
    plugins: [ownPlace, withoutWarning, packagesLate, packagesOutside],
  });

/** Makes one part of the bundle. @returns the names of its files, its entry's among them */
async function bundle(options) {
  const { metafile } = await build({ ...common, ...options });
  const names = Object.keys(metafile.outputs).map((file) => basename(file));
  for (const name of names) made.add(name);
  for (const file of Object.keys(metafile.inputs)) {
    const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0];
    if (folder !== undefined) inside.add(folder);
  }
  return names.filter((name) => /\.c?js$/.test(name));
}

writeFileSync(join(outdir, 'LICENSES.txt'), [...inside].sort().map(licenseOf).join('\n'));
for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));

/** What a package in the bundle wants to be told of it. */
function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n\n${'-'.repeat(80)}\n`;
}
