import { posix } from 'node:path';
import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { EntryPoint, Fact } from '../observation.js';
import { textOf } from '../package-files.js';
import type { FileTask, ScanContext } from '../task.js';
import { languageOf } from './language.js';
import { resolveFile } from './resolve-file.js';

/** What a line of a settings file makes the tool do that reads it. */
type Effect = 'registry' | 'insecure' | 'program';

interface Setting {
  effect: Effect;
  /** Its first group is the host, the program or the file. */
  line: RegExp;
  /** A section in which it holds only for who asks for its tool: what is loaded before tests. */
  asked?: RegExp;
}

/** Settings of package managers and git by the name of their file without dot, prefix or template ending. */
const FILES: readonly (readonly [RegExp, readonly Setting[]])[] = [
  [
    /^(?:npmrc|pnpmrc|yarnrc)$/,
    [
      {
        effect: 'registry',
        line: /^\s*(?:registry|replace-registry-host|proxy|https?-proxy)[ \t]*[=\s]\s*["']?(\S+?)["']?\s*$/gim,
      },
      { effect: 'insecure', line: /^\s*["']?(strict-ssl)["']?[ \t]*[=\s]\s*["']?(?:false|0|null)/gim },
      {
        effect: 'program',
        line: /^\s*node-options[ \t]*=\s*(.*--(?:require|import|loader|experimental-loader)[= ].*|.*-r .*)$/gim,
      },
      {
        effect: 'program',
        line: /^\s*(?:script-shell|git|init-module|global-?pnpmfile|pnpmfile|onload-script|shell|editor|viewer|yarn-path)[ \t]*[=\s]\s*["']?((?!\.?\/?\.yarn\/releases\/)[^\s"']*[./][^\s"']*)/gim,
      },
    ],
  ],
  [
    /^(?:yarnrc\.ya?ml|pnpm-workspace\.ya?ml)$/,
    [
      {
        effect: 'registry',
        line: /^(?:npmRegistryServer|npmPublishRegistry|registry|https?Proxy)\s*:\s*["']?(\S+?)["']?\s*$/gim,
      },
      { effect: 'registry', line: /^registries\s*:[^\S\n]*\n\s+default\s*:\s*["']?(\S+?)["']?\s*$/gim },
      { effect: 'insecure', line: /^(enableStrictSsl|strictSsl)\s*:\s*["']?(?:false|0)/gim },
      { effect: 'insecure', line: /^(unsafeHttpWhitelist)\s*:/gim },
      {
        effect: 'program',
        line: /^(?:yarnPath|pnpmfile|globalPnpmfile|scriptShell|initModule)\s*:\s*["']?((?!\.?\/?\.yarn\/releases\/)[^\s"']*[./][^\s"']*)/gim,
      },
      { effect: 'program', line: /^nodeOptions\s*:\s*(.*--(?:require|import|loader)[= ].*)$/gim },
    ],
  ],
  [
    /^bunfig\.toml$/,
    [
      { effect: 'registry', line: /^\s*registry\s*=\s*(?:\{[^}\n]*url\s*=\s*)?["']([^"'\n]+)["']/gim },
      { effect: 'program', line: /^\s*preload\s*=\s*\[?\s*["']([^"'\n]+)["']/gim, asked: /^test$/ },
    ],
  ],
  [
    /^(?:gitconfig|git\/config)$/,
    [
      { effect: 'registry', line: /^\s*\[url\s+"([^"\n]+)"\]\s*(?:[#;][^\n]*)?\n\s*(?:insteadOf|pushInsteadOf)\b/gim },
      { effect: 'insecure', line: /^\s*(sslVerify)\s*=\s*(?:false|0|no)/gim },
      {
        effect: 'program',
        line: /^\s*(?:sshCommand|fsmonitor|hooksPath|pager|editor|askPass|gitProxy|templateDir|helper|textconv|clean|smudge)\s*=\s*((?!true\b|false\b|cache\b|store\b|osxkeychain\b|manager\b|git-lfs\b)\S.*)$/gim,
      },
      { effect: 'program', line: /^\s*[\w-]+\s*=\s*"?(!.*)$/gim },
    ],
  ],
  [
    /^cargo\/config(?:\.toml)?$/,
    [
      { effect: 'registry', line: /^\s*registry\s*=\s*["'](?:sparse\+)?([^"'\n]+)["']/gim },
      {
        effect: 'program',
        line: /^\s*(?:rustc-wrapper|rustc-workspace-wrapper|rustc|linker|runner)\s*=\s*\[?\s*["']([^"'\n]*\/[^"'\n]*)["']/gim,
      },
    ],
  ],
  [
    /^(?:pip\.conf|pip\.ini|condarc|gemrc|pydistutils\.cfg)$/,
    [
      {
        effect: 'registry',
        line: /^\s*(?:-\s*)?:?(?:index-url|extra-index-url|index_url|sources|proxy)?\s*[=:-]?\s*(https?:\/\/\S+)/gim,
      },
      { effect: 'insecure', line: /^\s*:?(trusted-host|ssl_verify_mode|ssl_verify)\s*[:=]/gim },
    ],
  ],
];

/** Registries that everybody may name, and what companies rent theirs from. */
const KNOWN_REGISTRIES =
  /(?:^|\.)(?:npmjs\.\w+|yarnpkg\.\w+|npmmirror\.com|taobao\.org|npm\.pkg\.github\.com|pkg\.github\.com|jsr\.io|tencent\.com|huaweicloud\.com|aliyun\.com|ustc\.edu\.cn|tsinghua\.edu\.cn|cnpmjs\.org|github\.com|gitlab\.com|bitbucket\.org|googlesource\.com|crates\.io|pypi\.org|rubygems\.org|anaconda\.org|pkgs\.dev\.azure\.com|visualstudio\.com|jfrog\.io|cloudsmith\.io|gemfury\.com|fury\.io|amazonaws\.com|pkg\.dev|myget\.org|proget\.com|verdaccio\.org)$/i;

/**
 * Settings of package managers and git that lie in the package, also under the names of templates: whoever copies or opens the folder
 * gets its registry, its programs and its carelessness. The programs are read.
 */
export function plantedSettings(context: ScanContext): { tasks: FileTask[]; facts: Fact[] } {
  const tasks: FileTask[] = [];
  const facts: Fact[] = [];
  for (const [path, bytes] of context.files.files) {
    if (path.includes('node_modules/') || bytes.byteLength > 100_000) continue;
    const settings = settingsOf(path);
    if (settings === undefined) continue;
    const text = textOf(bytes);
    const entry: EntryPoint = { phase: 'metadata', file: path, via: path };
    for (const { effect, line, asked } of settings)
      for (const match of text.matchAll(line)) {
        const value = (match[1] ?? '').trim();
        if (effect === 'registry' && !isStrange(value)) continue;
        if (effect === 'program') tasks.push(...programs(value, path, context));
        if (asked?.test(sectionAt(text, match.index)) === true) continue;
        const place = { file: path, line: lineAt(text, match.index), entry };
        facts.push(factAt(`planted.setting-${effect}`, `${match[0].trim().replace(/\s+/g, ' ').slice(0, 160)}`, place));
      }
  }
  return { tasks, facts };
}

/** The name of the section in which a place of a TOML file stands; '' above the first one. */
function sectionAt(text: string, at: number): string {
  const headings = [...text.slice(0, at).matchAll(/^[ \t]*\[+[ \t]*([\w."'-]+)[ \t]*\]+/gm)];
  return headings.at(-1)?.[1] ?? '';
}

function settingsOf(path: string): readonly Setting[] | undefined {
  const plain = path
    .replace(/\.(?:tpl|tmpl|template|ejs|hbs|in|example|sample|dist)$/, '')
    .replace(/(^|\/)(?:dot[-_.]?|_|\.)(?=[a-z])/g, '$1')
    .replace(/^template-/, '');
  const two = plain.split('/').slice(-2).join('/');
  return FILES.find(([name]) => name.test(posix.basename(plain)) || name.test(two))?.[1];
}

/** Whether the address is one that no package manager comes with; one without encryption is strange in any case. */
function isStrange(address: string): boolean {
  const match = /^(https?|git|ssh):\/\/(?:[^/@\s]*@)?([\w.-]+)/i.exec(address);
  const host = match?.[2]?.toLowerCase();
  if (host === undefined || /^(?:localhost|127\.|0\.0\.0\.0$)/.test(host)) return false;
  return match?.[1]?.toLowerCase() === 'http' || !KNOWN_REGISTRIES.test(host);
}

/** Files of the package that a setting makes a tool run. */
function programs(value: string, path: string, context: ScanContext): FileTask[] {
  const folder = posix.dirname(path);
  return value
    .split(/[\s,='"[\]!;]+/)
    .filter((word) => /[./]/.test(word) && !word.startsWith('-'))
    .flatMap((word) => {
      const file = resolveFile(context, folder === '.' ? '' : folder, word) ?? resolveFile(context, '', word);
      if (file === null) return [];
      const language = languageOf(file, context.files.files.get(file) ?? new Uint8Array()) ?? 'shell';
      return [{ kind: 'file' as const, path: file, entry: { phase: 'bin' as const, file, via: path }, language }];
    });
}
