import { z } from 'zod';
import type { CodeLanguage } from '../task.js';

/** What a build tool runs besides what stands on its command line: files of the package, by name. */
export interface ToolFiles {
  /** Where the file that the tool reads is named by an option. */
  option?: RegExp;
  files: RegExp;
  /** Set where package.json may hold the configuration under the tool's name. */
  field?: true;
  /** Set for files that the tool runs as a program. Default: JavaScript, or data, that is a configuration. */
  language?: CodeLanguage;
}

const config = (name: string): RegExp => new RegExp(`^(?:${name})\\.config\\.[cm]?[jt]s$`);

/** Tools that run code of the folder they are started in: configuration, build scripts, task files. */
export const TOOL_FILES: Readonly<Record<string, ToolFiles>> = {
  webpack: { option: /^(?:-c|--config)$/, files: config('webpack') },
  'webpack-cli': { option: /^(?:-c|--config)$/, files: config('webpack') },
  rspack: { option: /^(?:-c|--config)$/, files: config('rspack') },
  rollup: { option: /^(?:-c|--config)$/, files: config('rollup') },
  vite: { option: /^(?:-c|--config)$/, files: config('vite') },
  vitest: { option: /^(?:-c|--config)$/, files: config('vitest|vite') },
  tsup: { option: /^--config$/, files: config('tsup') },
  jest: { option: /^(?:-c|--config)$/, files: /^jest\.config\.(?:[cm]?[jt]s|json)$/, field: true },
  mocha: { option: /^(?:--config|-r|--require|--file)$/, files: /^\.mocharc(?:\.[cm]?js|\.json)?$/, field: true },
  ava: { option: /^--config$/, files: config('ava'), field: true },
  playwright: { option: /^(?:-c|--config)$/, files: config('playwright') },
  eslint: {
    option: /^(?:-c|--config)$/,
    files: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.c?js|\.json)?)$/,
  },
  prettier: { option: /^--config$/, files: /^(?:prettier\.config\.[cm]?[jt]s|\.prettierrc\.[cm]?js)$/ },
  babel: {
    option: /^--config-file$/,
    files: /^(?:babel\.config\.(?:[cm]?[jt]s|json)|\.babelrc(?:\.[cm]?js|\.json)?)$/,
    field: true,
  },
  postcss: {
    option: /^--config$/,
    files: /^(?:postcss\.config\.[cm]?[jt]s|\.postcssrc(?:\.[cm]?js|\.json)?)$/,
    field: true,
  },
  tailwindcss: { option: /^(?:-c|--config)$/, files: config('tailwind') },
  stylelint: {
    option: /^--config$/,
    files: /^(?:stylelint\.config\.[cm]?js|\.stylelintrc(?:\.[cm]?js|\.json)?)$/,
    field: true,
  },
  commitlint: { option: /^(?:-g|--config)$/, files: config('commitlint') },
  esbuild: { files: /^esbuild\.config\.[cm]?[jt]s$/ },
  unbuild: { files: config('build') },
  parcel: { option: /^--config$/, files: /^\.parcelrc$/ },
  karma: { files: /^karma\.conf\.[cm]?[jt]s$/ },
  nyc: { files: config('nyc') },
  svgo: { option: /^--config$/, files: config('svgo') },
  'lint-staged': { option: /^(?:-c|--config)$/, files: config('lint-staged') },
  'semantic-release': { files: config('release') },
  eleventy: { option: /^--config$/, files: /^(?:\.eleventy|eleventy\.config)\.[cm]?js$/ },
  next: { files: config('next') },
  nuxt: { files: config('nuxt') },
  astro: { files: config('astro') },
  svelte: { files: config('svelte') },
  gulp: { option: /^(?:-f|--gulpfile)$/, files: /^gulpfile\.[cm]?[jt]s$/i, language: 'javascript' },
  grunt: { option: /^--gruntfile$/, files: /^Gruntfile\.[cm]?js$/i, language: 'javascript' },
  'grunt-cli': { files: /^Gruntfile\.[cm]?js$/i, language: 'javascript' },
  jake: { option: /^(?:-f|--jakefile)$/, files: /^Jakefile(?:\.js)?$/i, language: 'javascript' },
  nps: { option: /^(?:-c|--config)$/, files: /^package-scripts\.[cm]?js$/, language: 'javascript' },
  wireit: { files: /^$/ },
  cargo: { files: /^build\.rs$/, language: 'foreign' },
  meson: { files: /^meson\.build$/, language: 'foreign' },
  scons: { option: /^(?:-f|--sconstruct)$/, files: /^SConstruct$/, language: 'python' },
  gradle: { option: /^(?:-b|--build-file)$/, files: /^(?:build|settings)\.gradle(?:\.kts)?$/, language: 'foreign' },
  gradlew: { files: /^(?:build|settings)\.gradle(?:\.kts)?$/, language: 'foreign' },
  mvn: { option: /^(?:-f|--file)$/, files: /^pom\.xml$/, language: 'foreign' },
  ant: { option: /^(?:-f|-file|-buildfile)$/, files: /^build\.xml$/, language: 'foreign' },
  rake: { option: /^(?:-f|--rakefile)$/, files: /^Rakefile(?:\.rb)?$/i, language: 'ruby' },
  bundle: { files: /^(?:Gemfile|[\w-]+\.gemspec)$/, language: 'ruby' },
  gem: { files: /^[\w-]+\.gemspec$/, language: 'ruby' },
  pod: { files: /^Podfile$/, language: 'ruby' },
  pip: { files: /^setup\.py$/, language: 'python' },
  pip3: { files: /^setup\.py$/, language: 'python' },
  uv: { files: /^setup\.py$/, language: 'python' },
  poetry: { files: /^build\.py$/, language: 'python' },
  tox: { files: /^setup\.py$/, language: 'python' },
  nox: { files: /^noxfile\.py$/, language: 'python' },
  invoke: { files: /^tasks\.py$/, language: 'python' },
  dotnet: { files: /\.(?:cs|fs|vb)proj$|^Program\.cs$/, language: 'foreign' },
  go: { files: /^$/ },
  swift: { files: /^Package\.swift$/, language: 'foreign' },
  zig: { files: /^build\.zig$/, language: 'foreign' },
  autoreconf: { files: /^configure\.(?:ac|in)$/, language: 'foreign' },
  autoconf: { files: /^configure\.(?:ac|in)$/, language: 'foreign' },
  vagrant: { files: /^Vagrantfile$/, language: 'ruby' },
  just: { option: /^(?:-f|--justfile)$/, files: /^\.?justfile$/i, language: 'make' },
};

/** Files whose text holds commands by name, and the pattern that finds them: `"x": "cmd"` of composer, deno, wireit. */
export const TASK_TABLES: Readonly<Record<string, { file: string; field: string }>> = {
  composer: { file: 'composer.json', field: 'scripts' },
  deno: { file: 'deno.json', field: 'tasks' },
  wireit: { file: 'package.json', field: 'wireit' },
};

const tables = z.record(z.string(), z.unknown());

/** The commands of one field of a JSON text: a text, a list of texts, or objects with a `command`. */
export function commandsOf(text: string, field: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const whole = tables.safeParse(json);
  const table = tables.safeParse(whole.success ? whole.data[field] : null);
  const flat = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : Array.isArray(value)
        ? value.flatMap(flat)
        : typeof value === 'object' && value !== null && 'command' in value
          ? flat(value.command)
          : [];
  return table.success ? Object.values(table.data).flatMap(flat).slice(0, 60) : [];
}
