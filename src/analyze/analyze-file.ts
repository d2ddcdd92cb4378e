import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PackageSourceKind, Verdict } from '../model.js';
import { type AnalyzeOptions, analyzePackage } from './analyze-package.js';
import { readFolder, readTarball } from './archive/index.js';
import type { PackageFiles } from './package-files.js';
import type { RuleSet } from './rules/index.js';

/** What to scan: a tarball in a file (npm's cache keeps content as plain files), or an unpacked folder. */
export type AnalyzerTarget =
  | { kind: 'tarball'; file: string; integrity: string | null; source: PackageSourceKind; bytes?: number }
  | { kind: 'folder'; folder: string; source: PackageSourceKind };

/** Called with a tarball's files before they are scanned: one unpacking serves the scan and whoever else needs them. */
export type OnRead = (files: PackageFiles) => unknown;

/**
 * Scans a tarball's bytes.
 *
 * @param options `integrity`: SRI string that the bytes must satisfy
 * @throws IntegrityMismatchError
 */
export function analyzeTarball(
  bytes: Uint8Array,
  rules: RuleSet,
  options: AnalyzeOptions & { integrity?: string | null; where?: string; onRead?: OnRead } = {},
): Verdict {
  const started = performance.now();
  const { integrity = null, where = 'tarball' } = options;
  const files = readTarball(bytes, { integrity, where });
  options.onRead?.(files);
  const verdict = analyzePackage(files, rules, options);
  return withTime(verdict, started);
}

const bundledField = z.object({
  bundleDependencies: z.array(z.string()).optional().catch(undefined),
  bundledDependencies: z.array(z.string()).optional().catch(undefined),
});

/**
 * Scans an unpacked package.
 *
 * @throws FolderUnreadableError
 */
export function analyzeFolder(folder: string, rules: RuleSet, options: AnalyzeOptions = {}): Verdict {
  const started = performance.now();
  return withTime(analyzePackage(readFolder(folder, { bundled: bundledOf(folder) }), rules, options), started);
}

/** Scans a target of either kind. @throws IntegrityMismatchError, FolderUnreadableError */
export function analyzeTarget(
  target: AnalyzerTarget,
  rules: RuleSet,
  options: AnalyzeOptions & { onRead?: OnRead } = {},
): Verdict {
  const all = { ...options, source: target.source };
  if (target.kind === 'folder') return analyzeFolder(target.folder, rules, all);
  return analyzeTarball(readFileSync(target.file), rules, { ...all, integrity: target.integrity, where: target.file });
}

function bundledOf(folder: string): string[] {
  try {
    const parsed = bundledField.safeParse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    return parsed.success ? (parsed.data.bundleDependencies ?? parsed.data.bundledDependencies ?? []) : [];
  } catch {
    return [];
  }
}

function withTime(verdict: Verdict, started: number): Verdict {
  return { ...verdict, stats: { ...verdict.stats, ms: Math.round(performance.now() - started) } };
}
