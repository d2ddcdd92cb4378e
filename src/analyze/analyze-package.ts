import type { Finding, PackageSourceKind, Verdict } from '../model.js';
import { byWeight, DEFAULT_THRESHOLDS, judge, type Thresholds } from '../score.js';
import { capabilitiesOf } from './capabilities.js';
import { findEntryPoints } from './entry-points/index.js';
import { renderSlice } from './frame.js';
import { FileReadings } from './javascript/index.js';
import { javascriptFrontEnd } from './javascript-adapter.js';
import { lifecycleOf } from './lifecycle.js';
import { type Manifest, readManifest } from './manifest/index.js';
import type { Fact, Observation } from './observation.js';
import { type PackageFiles, textOf } from './package-files.js';
import { applyRules, type Hit, type RuleSet } from './rules/index.js';
import type { ScanContext } from './task.js';
import { textFacts } from './text/index.js';
import { runWorklist, type WorklistResult } from './worklist.js';

export interface AnalyzeOptions {
  thresholds?: Thresholds;
  /** Where the package comes from; git and folder dependencies also run `prepare`. */
  source?: PackageSourceKind;
}

/** What a scan saw before rules were applied: for `explain`, the LLM judge and rule tests. */
export interface PackageEvidence {
  manifest: Manifest;
  observations: Observation[];
  facts: Fact[];
  extent: { files: number; bytes: number };
  /** Files that the entries reach. */
  read: ReadonlySet<string>;
}

const PLENTY = 60;
const MAX_LINE_TEXT = 8 * 1024 * 1024;

/**
 * Reads a package and says what it does: pure, no network, no clock, nothing of it is run. `stats.ms` is 0, callers with a clock fill it.
 *
 * @param files what stands in the package, from `readTarball` or `readFolder`
 * @param rules rules, indicators and taint tables of `loadRules`
 */
export function analyzePackage(files: PackageFiles, rules: RuleSet, options: AnalyzeOptions = {}): Verdict {
  const seen = gatherEvidence(files, rules, options);
  const textAt = textReader(files, seen.work.virtualFiles);
  const hits = seen.packages.flatMap((each) => applyRules({ ...each, textOf: textAt }, rules));
  const lines = lineReader(textAt);
  const { score, action } = judge(hits.map(weighedOf), options.thresholds ?? DEFAULT_THRESHOLDS);
  const findings = deciding(hits)
    .map((hit) => findingOf(hit, lines))
    .sort(byWeight);
  const observations = seen.packages.flatMap((each) => each.observations);
  const facts = seen.packages.flatMap((each) => each.facts);
  return {
    action,
    score,
    findings,
    capabilities: capabilitiesOf({
      events: seen.events,
      bins: seen.bins,
      dependencies: seen.dependencies,
      observations,
      facts,
    }),
    stats: { files: files.files.size, bytes: files.bytes, parsed: seen.parsed, ms: 0, fromCache: false },
    ...lifecycleOf(files),
  };
}

interface Gathered {
  packages: PackageEvidence[];
  events: string[];
  bins: string[];
  dependencies: string[];
  parsed: number;
  work: Pick<WorklistResult, 'virtualFiles'>;
}

/** Runs the front ends over a package and the packages bundled in it. */
export function gatherEvidence(files: PackageFiles, rules: RuleSet, options: AnalyzeOptions = {}): Gathered {
  const fromSource = options.source === 'git' || options.source === 'file' || options.source === 'directory';
  const result: Gathered = {
    packages: [],
    events: [],
    bins: [],
    dependencies: [],
    parsed: 0,
    work: { virtualFiles: new Map() },
  };
  const readings = new FileReadings();
  for (const root of ['', ...bundledRoots(files)]) {
    readings.trim();
    const { manifest, problems } = readManifest(files, root);
    const context: ScanContext = {
      files,
      manifest,
      root,
      tables: rules.models,
      channels: new Map(),
      fetched: new Map(),
      written: new Set(),
    };
    const entries = findEntryPoints(context, fromSource);
    const work = runWorklist(withVariants(entries.tasks, files), context, javascriptFrontEnd(rules.models, readings));
    const facts = [
      ...problems,
      ...entries.facts,
      ...work.facts,
      ...(root === ''
        ? [...files.problems, ...textFacts(files, new Set([...work.read, ...dataRun(work.observations)]), manifest)]
        : []),
    ];
    result.packages.push({
      manifest,
      observations: work.observations,
      facts,
      extent: extentOf(work.read, files),
      read: work.read,
    });
    result.events.push(...entries.events);
    if (root === '') {
      result.bins.push(...entries.bins);
      result.dependencies.push(...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies));
    }
    result.parsed += work.parsed;
    for (const [name, text] of work.virtualFiles) result.work.virtualFiles.set(name, text);
  }
  return result;
}

/** Packages that lie inside the tarball: npm installs them with it and runs their scripts. */
function bundledRoots(files: PackageFiles): string[] {
  const roots: string[] = [];
  for (const path of files.files.keys()) {
    const root = /^((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)*node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(
      path,
    )?.[1];
    if (root !== undefined) roots.push(root);
  }
  return roots.slice(0, 400);
}

/** Files of the package whose contents are run though they are no code: what hides in them is code. */
function dataRun(observations: readonly Observation[]): string[] {
  return observations
    .filter(({ sink }) => /^(?:code\.(?:eval|worker)|process\.(?:spawn|stdin))$/.test(sink))
    .flatMap(({ taints }) => taints.filter(({ source }) => source === 'file.own'))
    .map(({ detail }) => detail.replace(/^\.\//, ''));
}

/** An entry whose path stands in the archive more than once is read in every version of it. */
function withVariants<T extends ReturnType<typeof findEntryPoints>['tasks'][number]>(
  tasks: readonly T[],
  files: PackageFiles,
): T[] {
  const more: T[] = [];
  for (const [path, variants] of files.variants) {
    const task = tasks.find((each) => each.kind === 'file' && each.path === path);
    variants.forEach((content, index) => {
      const name = path.replace(/(\.[^./]*)?$/, `~${index + 1}$1`);
      files.files.set(name, content);
      if (task?.kind === 'file') more.push({ ...task, path: name, entry: { ...task.entry, file: name } });
    });
  }
  return [...tasks, ...more];
}

function extentOf(read: ReadonlySet<string>, { files }: PackageFiles): PackageEvidence['extent'] {
  const sizes = [...read].map((path) => files.get(path)?.length ?? 0).filter((bytes) => bytes > 0);
  return { files: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
}

function weighedOf({
  rule,
  weight,
  phase,
  unasked,
  floor,
}: Hit): Pick<Finding, 'weight' | 'family' | 'phase' | 'unasked' | 'floor'> {
  return { weight, family: rule.family, phase, unasked, floor };
}

/** Of very many hits the heaviest, and of every rule one a phase: the score can be worked out again from what is kept. */
function deciding(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  return hits
    .toSorted((a, b) => b.weight - a.weight)
    .filter(({ rule, phase, unasked }, index) => {
      const key = `${rule.id} ${phase} ${unasked}`;
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst || index < PLENTY;
    });
}

function findingOf(hit: Hit, lineAt: (file: string, line: number) => string | null): Finding {
  const { rule, file, line, message, guards } = hit;
  return {
    rule: rule.id,
    severity: rule.severity,
    file,
    line,
    message,
    slice: renderSlice(hit.steps, lineAt),
    ...weighedOf(hit),
    guards,
  };
}

function textReader(files: PackageFiles, virtual: ReadonlyMap<string, string>): (file: string) => string {
  const cache = new Map<string, string>();
  return (file) => {
    let text = virtual.get(file) ?? cache.get(file);
    if (text === undefined) {
      const bytes = files.files.get(file);
      text = bytes === undefined ? '' : textOf(bytes.subarray(0, MAX_LINE_TEXT));
      cache.set(file, text);
    }
    return text;
  };
}

function lineReader(textAt: (file: string) => string): (file: string, line: number) => string | null {
  const split = new Map<string, string[]>();
  return (file, line) => {
    let lines = split.get(file);
    if (lines === undefined) {
      const text = textAt(file);
      lines = text === '' ? [] : text.split('\n');
      split.set(file, lines);
    }
    return lines[line - 1] ?? null;
  };
}
