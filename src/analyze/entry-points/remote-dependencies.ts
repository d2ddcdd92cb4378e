import { createRequire } from 'node:module';
import type npa from 'npm-package-arg';
import { factAt } from '../fact.js';
import { lineOfField } from '../manifest/index.js';
import type { Fact } from '../observation.js';
import type { ScanContext } from '../task.js';

const require = createRequire(import.meta.url);

/** Dependencies that do not come from the registry: their code is under nobody's eyes and can change after this scan. */
export function remoteDependencies(context: ScanContext): Fact[] {
  const { manifest } = context;
  const facts: Fact[] = [];
  const look = (field: string, name: string, spec: string, trail: string[]): void => {
    const kind = remoteKind(name, spec);
    if (kind === null) return;
    const line = lineOfField(manifest.text, trail);
    facts.push(
      factAt(`remote-dependency.${kind}`, `${field}: ${name} comes from ${spec.slice(0, 200)}`, {
        file: manifest.path,
        line,
      }),
    );
  };
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies'] as const) {
    for (const [name, spec] of Object.entries(manifest[field])) look(field, name, spec, [field, name]);
  }
  return facts;
}

/** Addresses that npm takes for the repository that they name: of a host it knows, and no archive. */
const REPOSITORY =
  /^https:\/\/(?:[^/@\s]*@)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)\/[\w.-]+\/[\w.-]+(?:#\S*)?$/i;

function remoteKind(name: string, spec: string): 'http' | 'tarball' | 'git' | null {
  if (/^https?:/i.test(spec)) return /^http:/i.test(spec) ? 'http' : REPOSITORY.test(spec) ? 'git' : 'tarball';
  // Ranges and tags; npm's parser, which brings semver with it, is loaded for the few others.
  if (!/[:/]/.test(spec)) return null;
  try {
    const { resolve } = require('npm-package-arg') as typeof npa;
    const parsed = resolve(name, spec);
    if (parsed.type === 'git') return 'git';
    return parsed.type === 'remote' ? 'tarball' : null;
  } catch {
    return null;
  }
}
