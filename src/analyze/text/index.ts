import { weakKeys } from '../javascript/weak-keys/index.js';
import { commandNames, type Manifest } from '../manifest/index.js';
import type { Fact } from '../observation.js';
import { type PackageFiles, textOf } from '../package-files.js';
import { isVendorHost } from '../rules/host.js';
import { hiddenAdditions } from './agent-planting.js';
import { vouchings } from './agent-vouching.js';
import { ciDownloads } from './ci-downloads.js';
import { CI_FILE, ciSecrets } from './ci-secrets.js';
import { hiddenUnicode } from './hidden-unicode.js';
import { hiddenWhitespace } from './hidden-whitespace.js';
import { magicMismatches } from './magic-mismatch.js';
import { agentInstructions, promptInjection, writtenThefts } from './prompt-injection.js';
import { STYLES, styleLeaks } from './style-leaks.js';
import { toldInCode } from './told-in-code.js';

const CODE = /\.(?:[cm]?[jt]sx?|sh|bash|py|ps1|bat|cmd|gyp|gypi)$/i;
const SCRIPT = /\.[cm]?[jt]sx?$/i;
const PROSE =
  /(?:^|\/)(?:README|CLAUDE|AGENTS|GEMINI|QWEN|CONTRIBUTING|SKILL|llms(?:-full)?)[^/]*$|\.(?:cursor|windsurf|cline|roo)rules$|(?:^|\/)\.(?:cursor|claude|github|windsurf|clinerules|roo|kiro|junie|amazonq|continue|codex|gemini)\//i;
/** Files that tell coding assistants what to do. */
export const AGENT_FILE =
  /(?:^|\/)(?:CLAUDE(?:\.local)?|AGENTS?|GEMINI|QWEN|SKILL)\.md$|(?:^|\/)llms(?:-full)?\.txt$|\.(?:cursor|windsurf|cline|roo)rules$|(?:^|\/)\.(?:cursor|windsurf|roo|clinerules|continue)\/(?:rules\/)?[^/]*\.(?:mdc?|txt)$|(?:^|\/)\.(?:kiro\/steering|amazonq\/rules|cursor\/rules|claude\/(?:commands|agents|skills|rules))\/|(?:^|\/)\.junie\/guidelines\.md$|(?:copilot-instructions|\.instructions)\.md$/i;
/** The same in a folder of some assistant or other, where code writes it. */
export const RULES_FOLDER =
  /(?:^|\/)\.[\w-]+\/(?:rules|steering|instructions|skills|agents|commands|prompts|guidelines|memories)\/[^\n]*\.(?:mdc?|txt|prompt)$/i;
const MAX_TEXT = 3_000_000;
/** Texts in it are shown, not run; what npm runs stands in package.json. */
const DATA = /(?<!(?:^|\/)package)\.json$/;

/** Looks at the files that an entry reaches, and at those that speak to people and assistants, for what is hidden in plain text. */
export function textFacts(files: PackageFiles, reached: ReadonlySet<string>, manifest: Manifest): Fact[] {
  const facts: Fact[] = magicMismatches(files);
  for (const [path, bytes] of files.files) {
    const own = !path.includes('node_modules/');
    const prose = own && PROSE.test(path);
    const isCi = own && CI_FILE.test(path);
    const isStyle = own && STYLES.test(path);
    if (own && isToolList(path, bytes)) facts.push(...toldInCode(path, textOf(bytes)));
    if (!prose && !isCi && !isStyle && !reached.has(path)) continue;
    if (bytes.byteLength > MAX_TEXT * 4 || bytes.subarray(0, 4096).includes(0)) continue;
    const text = textOf(bytes.subarray(0, MAX_TEXT));
    if (isStyle) facts.push(...styleLeaks(path, text));
    if (isCi) facts.push(...ciSecrets(path, text));
    // The package's own jobs run where it is made.
    if (isCi && /^[^.][^/]*\//.test(path))
      facts.push(...ciDownloads(path, text, (host, url) => isVendorHost(host, manifest, url)));
    if (!prose && !reached.has(path)) continue;
    const isCode = CODE.test(path) || (reached.has(path) && !prose);
    facts.push(...hiddenUnicode(path, text, isCode && !DATA.test(path)), ...promptInjection(path, text));
    if (isCode) facts.push(...hiddenWhitespace(path, text), ...toldInCode(path, text), ...styleLeaks(path, text));
    if (SCRIPT.test(path)) facts.push(...weakKeys(path, text, manifest));
    if (AGENT_FILE.test(path))
      facts.push(
        ...agentInstructions(path, text, namesOf(manifest)),
        ...vouchings(path, text, manifest.name),
        ...hiddenAdditions(path, text, (host, url) => isVendorHost(host, manifest, url)),
      );
  }
  return facts;
}

/** Data that describes tools to a model, which reads each word of it; what tests and examples show is shown. */
function isToolList(path: string, bytes: Uint8Array): boolean {
  return (
    bytes.byteLength < LARGEST_LIST &&
    /\.(?:json|ya?ml)$/i.test(path) &&
    !/(?:^|\/)(?:tests?|__tests__|fixtures?|examples?|samples?|datasets?|redteam)\//i.test(path) &&
    NAMES_OF_SCHEMA.some((name) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(name)) &&
    SCHEMA.test(textOf(bytes))
  );
}

/** Looked for in the bytes first: most data of most packages is no list of tools. */
const NAMES_OF_SCHEMA = ['inputSchema', 'input_schema'];
const SCHEMA = new RegExp(String.raw`\b(?:${NAMES_OF_SCHEMA.join('|')})\b`);

const LARGEST_LIST = 300_000;
const MOST_COMMANDS = 12;

/** What a package and its commands are called. */
function namesOf(manifest: Manifest): string[] {
  return [manifest.name, ...commandNames(manifest).slice(0, MOST_COMMANDS)];
}

export { agentInstructions, CI_FILE, ciDownloads, ciSecrets, hiddenAdditions, vouchings, writtenThefts };
