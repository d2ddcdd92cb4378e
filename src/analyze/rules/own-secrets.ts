import { commandNames, type Manifest } from '../manifest/index.js';
import type { Taint } from '../observation.js';
import { HOLE } from '../task.js';
import { registrableLabel } from './host.js';
import type { Evidence } from './match.js';

/** Names under which tools keep what users sign in with; a package of the same name is not at home there. */
const OTHERS =
  /^(?:npm|yarn|pnpm|bun|node|git|github|gh|hub|gitlab|docker|podman|kube|kubectl|helm|aws|azure|az|gcloud|google|oci|cargo|gem|pip|pypi|composer|maven|gradle|terraform|vault|ssh|gpg|gnupg|op|pass|chrome|chromium|firefox|edge|brave|opera|solana|ethereum|bitcoin|metamask|phantom|exodus|electrum|ledger|slack|discord|telegram|signal|claude|anthropic|openai|codex|gemini|cursor|copilot|code|config|local|share|cache|login|keychain)$/;

/** What any program may call the file of its own sign-in. */
const KEPT = /(?:^|\/)(?:credentials|secrets?|auth|tokens?|session)(?:\.(?:json|ya?ml|toml|db))?$/;
const KEYCHAIN = /^\s*(?:security (?:find|add|delete)-\w+-password|secret-tool|cmdkey|kwallet-query|keyctl)\s/;

/**
 * Whether a secret is one that the package keeps itself: the file of its sign-in, which it writes too and which lies in a folder
 * called like it, or an entry of the keychain under its own name.
 */
export function isOwnSecret(taint: Taint, host: string | null, evidence: Evidence): boolean {
  const names = namesOf(evidence.manifest, host);
  if (taint.source === 'secret.tool' || taint.source === 'process.output')
    return KEYCHAIN.test(taint.detail) && taint.detail.split(/[\s'"=]+/).some((word) => isNamed(word, names));
  if (taint.source !== 'secret.file' || !KEPT.test(taint.detail)) return false;
  const isWritten = evidence.observations.some(
    ({ sink, target }) => sink === 'fs.write' && target !== null && target.replaceAll(HOLE, '*') === taint.detail,
  );
  const folders = taint.detail.split('/').slice(0, -1);
  const isUnknown = folders.length === 1 && folders[0] === '*';
  return isWritten && (isUnknown || folders.some((folder) => isNamed(folder.replace(/^\./, ''), names)));
}

/** What the package is called: its name, its scope, its commands, and the host that it talks to. */
function namesOf(manifest: Manifest, host: string | null): Set<string> {
  const [, scope, bare] = /^(?:@([^/]+)\/)?(.*)$/.exec(manifest.name.toLowerCase()) ?? [];
  const all = [bare, scope, ...commandNames(manifest), host === null ? undefined : registrableLabel(host)];
  return new Set(all.flatMap((name) => (name === undefined || name.length < 3 ? [] : [name.toLowerCase()])));
}

function isNamed(word: string, names: ReadonlySet<string>): boolean {
  const lower = word.toLowerCase();
  return names.has(lower) && !OTHERS.test(lower);
}
