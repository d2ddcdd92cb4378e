import { posix } from 'node:path';
import { factAt } from '../fact.js';
import { lineOfField } from '../manifest/index.js';
import type { Fact } from '../observation.js';
import type { FileTask, ScanContext } from '../task.js';
import { resolveFile } from './resolve-file.js';

/** Command names that other scripts, people and tools start by name: a bin of that name gets run in their place. */
const SHADOWED = new Set(
  (
    'node npm npx yarn pnpm corepack bun deno sh bash zsh dash env python python3 pip pip3 git gh ssh scp curl wget make cmake gcc cc g++ c++ clang ' +
    'node-gyp node-gyp-build prebuild-install node-pre-gyp docker kubectl aws gcloud az terraform sudo su rm cp mv ls cat echo true false test ps kill chmod powershell pwsh cmd java go cargo rustc ' +
    'ruby perl php openssl gpg code cursor claude gemini'
  ).split(' '),
);

/** Packages whose own business is to be that command. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  npm: /^(?:npm|corepack)$/,
  npx: /^(?:npm|npx|corepack)$/,
  yarn: /^(?:yarn|corepack|@yarnpkg\/.+)$/,
  pnpm: /^(?:pnpm|corepack|@pnpm\/.+)$/,
  node: /^(?:node|node-.+|@.+\/node.*)$/,
  'node-gyp': /^node-gyp$/,
  'node-gyp-build': /^node-gyp-build/,
  'prebuild-install': /^prebuild-install/,
  'node-pre-gyp': /node-pre-gyp/,
  corepack: /^corepack$/,
  bun: /^(?:bun|@oven\/.+)$/,
  deno: /^(?:deno|deno-bin)$/,
  claude: /^@anthropic-ai\/.+/,
  gemini: /^@google\/.+/,
  cmake: /cmake/,
  java: /^(?:java|node-jre|jre)/,
  git: /^dugite/,
  env: /^env-cmd$/,
  az: /^azure-.+/,
};

/** Commands that the package puts on the PATH, by `bin` and `directories.bin`. */
export function binEntries(context: ScanContext): { tasks: FileTask[]; facts: Fact[]; names: string[] } {
  const { manifest, root, files } = context;
  const bins = new Map<string, { request: string; via: string }>();
  if (typeof manifest.bin === 'string') bins.set(withoutScope(manifest.name), { request: manifest.bin, via: 'bin' });
  else if (typeof manifest.bin === 'object' && manifest.bin !== null) {
    for (const [name, target] of Object.entries(manifest.bin))
      if (typeof target === 'string') bins.set(withoutScope(name), { request: target, via: `bin.${name}` });
  }
  const directory = manifest.directories['bin'];
  if (manifest.bin === undefined && directory !== undefined) {
    const prefix = `${posix.normalize(posix.join(root === '' ? '.' : root, directory)).replace(/\/$/, '')}/`;
    for (const path of files.files.keys()) {
      if (path.startsWith(prefix) && !path.slice(prefix.length).includes('/.')) {
        bins.set(posix.basename(path), {
          request: root === '' ? path : path.slice(root.length + 1),
          via: 'directories.bin',
        });
      }
    }
  }
  const tasks: FileTask[] = [];
  const facts: Fact[] = [];
  for (const [name, { request, via }] of bins) {
    const line = lineOfField(manifest.text, [via.startsWith('bin') ? 'bin' : 'directories']);
    const place = { file: manifest.path, line };
    if (SHADOWED.has(name) && OWNERS[name]?.test(manifest.name) !== true) {
      facts.push(factAt('manifest.bin-shadow', `its command ${name} takes the place of the well-known ${name}`, place));
    }
    if (/[/\\]|^\.\.?$/.test(name))
      facts.push(factAt('manifest.bin-path', `the command name ${JSON.stringify(name)} is a path`, place));
    if (posix.normalize(request).startsWith('..') || request.startsWith('/')) {
      facts.push(factAt('manifest.bin-escape', `the command ${name} points outside the package: ${request}`, place));
    }
    const path = resolveFile(context, root, request);
    // Install scripts of other packages call it by name.
    if (path !== null && SHADOWED.has(name) && OWNERS[name]?.test(manifest.name) !== true)
      tasks.push({ kind: 'file', path, entry: { phase: 'install', file: path, via: `bin.${name}` } });
    if (path !== null)
      tasks.push({
        kind: 'file',
        path,
        entry: { phase: 'bin', file: path, via: via === 'directories.bin' ? `${via}.${name}` : via },
      });
  }
  return { tasks, facts, names: [...bins.keys()] };
}

/** npm names a command by what stands behind the scope. */
function withoutScope(name: string): string {
  return name.replace(/^@[\w.-]+\/(?=[\w-])/, '');
}
