import pacote from 'pacote';
import semver from 'semver';
import type { VersionSeen } from '../analyze/compare/index.js';
import { findContent } from '../fetch/content.js';
import type { FetchSettings } from '../fetch/index.js';
import type { PackageNode, Verdict } from '../model.js';
import { type InstalledVersion, listedVersions, onDisk } from './installed-versions.js';
import type { Scanner } from './options.js';

/** A version before, by the hash of its tarball. */
export interface VersionBefore extends VersionSeen {
  integrity: string;
}

/** Finds the version that a package is compared with; null where there is none at hand, or nothing has changed. */
export type FindVersionBefore = (node: PackageNode) => Promise<VersionBefore | null>;

interface Candidate {
  version: string;
  integrity: string;
}

/** So many older versions are looked for, and so many of them scanned that nobody has scanned yet. */
const MOST_LOOKED_AT = 40;
const MOST_SCANNED = 2;

/**
 * Finds versions before without asking anybody: the one that is installed below `root`, else the newest older one whose verdict or
 * tarball this machine has (npm's `before` and `min-release-age` hold for it, where the times are known) and that is itself
 * allowed, and no more than one major version away. Its verdict comes from the cache of verdicts, or from its tarball in npm's cache; nothing is fetched.
 */
export function versionsBefore(
  root: string,
  fetch: FetchSettings,
  scanner: Pick<Scanner, 'scan' | 'cached'>,
): FindVersionBefore {
  let tree: Promise<InstalledVersion[]> | null = null;
  const packuments = new Map<string, Promise<Packument>>();

  const verdictOf = async (node: PackageNode, { version, integrity }: Candidate): Promise<Verdict | null> => {
    const { name, source } = node;
    const known = scanner.cached?.({ kind: 'tarball', file: '', integrity, source, name, version }) ?? null;
    if (known !== null) {
      return known;
    }
    const pin = await findContent(fetch.cache, integrity);
    // Bytes that cannot be read any more are no version to compare with.
    return pin === null
      ? null
      : scanner
          .scan({ kind: 'tarball', file: pin.file, integrity: pin.integrity, source, name, version })
          .catch(() => null);
  };

  const published = (node: PackageNode): Promise<Packument> => {
    const known = packuments.get(node.name) ?? packumentOf(node.name, fetch);
    packuments.set(node.name, known);
    return known;
  };

  const installedBefore = async (node: PackageNode): Promise<VersionBefore | 'same' | null> => {
    tree ??= listedVersions(root);
    const listed = (await tree).filter(({ name }) => name === node.name);
    const places = listed.length > 0 || node.location === '' ? listed : [{ location: node.location }];
    const found = await Promise.all(places.map((place) => onDisk(root, place)));
    const all = found.filter((each) => each?.name === node.name) as InstalledVersion[];
    if (all.some(({ integrity }) => integrity !== null && sameBytes(integrity, node.integrity))) {
      return 'same';
    }
    const chosen =
      all.find(({ location }) => location === node.location) ??
      newestFirst(all).find(({ version }) => isOlder(version, node.version));
    if (chosen === undefined || !isNear(chosen.version, node.version)) {
      return null;
    }
    const integrity = chosen.integrity ?? (await published(node)).versions[chosen.version] ?? null;
    if (integrity === null || sameBytes(integrity, node.integrity)) {
      return integrity === null ? null : 'same';
    }
    const verdict = await verdictOf(node, { version: chosen.version, integrity });
    return verdict === null ? null : { version: chosen.version, from: 'installed', verdict, integrity };
  };

  const knownBefore = async (node: PackageNode): Promise<VersionBefore | null> => {
    const { versions, isTooYoung } = await published(node);
    const older = newestFirst(Object.entries(versions).map(([version, integrity]) => ({ version, integrity })))
      .filter(({ version }) => isOlder(version, node.version) && isNear(version, node.version) && !isTooYoung(version))
      .slice(0, MOST_LOOKED_AT);
    let scanned = 0;
    for (const candidate of older) {
      const verdict = await verdictOf(node, candidate);
      if (verdict?.action === 'allow') {
        return { ...candidate, from: 'cache', verdict };
      }
      scanned += verdict !== null && !verdict.stats.fromCache ? 1 : 0;
      if (scanned >= MOST_SCANNED) {
        return null;
      }
    }
    return null;
  };

  return async (node) => {
    const installed = await installedBefore(node);
    if (installed === 'same') {
      return null;
    }
    return installed ?? (node.source === 'registry' ? knownBefore(node) : null);
  };
}

interface Packument {
  /** Version → its SHA-512 integrity. */
  versions: Record<string, string>;
  /** Published after the day that npm's `before` or `min-release-age` names. */
  isTooYoung(version: string): boolean;
}

// What npm's cache has of the registry's answers; nothing is asked for.
async function packumentOf(name: string, { flat, cache }: FetchSettings): Promise<Packument> {
  const options = { ...flat, cache, offline: true, preferOnline: false } as pacote.Options;
  const none: Packument = { versions: {}, isTooYoung: () => false };
  for (const fullMetadata of [false, true]) {
    const found = await pacote.packument(name, { ...options, fullMetadata }).catch(() => null);
    if (found === null) {
      continue;
    }
    const versions = Object.entries(found.versions ?? {}).flatMap(([version, manifest]) => {
      const integrity: unknown = manifest?.dist?.integrity;
      return typeof integrity === 'string' && integrity.includes('sha512-') ? [[version, integrity] as const] : [];
    });
    const last = flat['before'] instanceof Date ? flat['before'].getTime() : Number.POSITIVE_INFINITY;
    const times = ((found as { time?: unknown }).time ?? {}) as Record<string, string | undefined>;
    return {
      versions: Object.fromEntries(versions),
      isTooYoung: (version) => Date.parse(times[version] ?? '') > last,
    };
  }
  return none;
}

function newestFirst<Version extends { version: string }>(versions: readonly Version[]): Version[] {
  return versions
    .filter(({ version }) => semver.valid(version, { loose: true }) !== null)
    .sort((a, b) => semver.rcompare(a.version, b.version, { loose: true }));
}

function isOlder(version: string, than: string): boolean {
  return semver.valid(than, { loose: true }) !== null && semver.lt(version, than, { loose: true });
}

/** Over more than one major version nearly everything is new: that says nothing of the package. */
function isNear(version: string, than: string): boolean {
  const [first, second] = [semver.parse(version, { loose: true }), semver.parse(than, { loose: true })];
  return first === null || second === null || Math.abs(second.major - first.major) <= 1;
}

function sameBytes(integrity: string, other: string | null): boolean {
  const strong = (text: string): string | undefined => /sha512-[A-Za-z0-9+/=]+/.exec(text)?.[0];
  return other !== null && strong(integrity) !== undefined && strong(integrity) === strong(other);
}
