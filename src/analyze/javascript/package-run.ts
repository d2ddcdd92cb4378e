import type { Phase } from '../../model.js';
import type { EntryPoint, Fact, Observation } from '../observation.js';
import { accessFacts } from './access/index.js';
import { type Budget, BudgetExceeded, DEFAULT_BUDGET } from './interpreter/budget.js';
import { Interpreter, Thrown } from './interpreter/interpreter.js';
import { finish } from './interpreter/uncalled.js';
import type { FileReadings } from './modules/file-readings.js';
import { ModuleLoader, type PackageText } from './modules/modules.js';
import { markDownloaded } from './modules/written-later.js';
import { markAnswered } from './outside/handed-back.js';
import { reportObfuscation } from './parsing/obfuscation.js';
import { insensitivePass } from './reach/insensitive.js';
import { canAct, closureOf } from './reach/prefilter.js';
import { markUses } from './taint/key-uses.js';
import type { TaintModels } from './taint/taint-models.js';

/** What reading the JavaScript of a package gives. */
export interface JavaScriptResult {
  observations: Observation[];
  facts: Fact[];
  /** Files that were parsed. */
  parsed: string[];
  /** Files of the package that the entries load, with the phases in which they do. */
  reached: Map<string, Set<Phase>>;
  /** Texts of decoded code, by the virtual file name that observations carry (`index.js!1`). */
  virtual: ReadonlyMap<string, string>;
}

/** What a package is read from. */
export interface PackageInput {
  files: PackageText;
  manifest: Record<string, unknown>;
  entries: readonly EntryPoint[];
  budget?: Budget;
  /** What was read of these files before, for another package of the same tarball. */
  readings?: FileReadings;
}

const loaders = new WeakMap<PackageText, ModuleLoader>();

/** Parsed files are kept for as long as the map of files lives, so that calling again with more entries is cheap. */
function loaderOf(input: PackageInput, models: TaintModels): ModuleLoader {
  const known = loaders.get(input.files);
  if (known !== undefined) return known;
  const loader = new ModuleLoader(input.files, input.manifest, models, input.readings);
  loaders.set(input.files, loader);
  return loader;
}

/**
 * Follows the entries of a package through its files, abstractly: nothing of it is executed.
 * Entries of one phase share one run, those that only a call starts apart from the others; a file that several phases load is seen in each of them.
 */
export function interpretPackage(input: PackageInput, models: TaintModels): JavaScriptResult {
  const loader = loaderOf(input, models);
  const result: JavaScriptResult = {
    observations: [],
    facts: [],
    parsed: [],
    reached: new Map(),
    virtual: loader.virtual,
  };
  const runs = new Map<string, EntryPoint[]>();
  for (const entry of input.entries) {
    const key = `${entry.phase} ${entry.asked ?? false} ${entry.calledBack ?? false} ${entry.planted ?? false}`;
    runs.set(key, [...(runs.get(key) ?? []), entry]);
  }
  for (const entries of runs.values()) {
    if (skipped(loader, (entries[0] as EntryPoint).phase, entries, result)) continue;
    const I = new Interpreter(models, loader, entries[0] as EntryPoint, input.budget ?? DEFAULT_BUDGET);
    for (const entry of entries) I.programs.add(entryPath(loader, entry) ?? entry.file);
    for (const entry of entries) runEntry(I, entry);
    guarded(I, (entries[0] as EntryPoint).file, () => finish(I));
    collect(I, entries, result);
  }
  return result;
}

/** Follows code that stands in a text: `node -e CODE`, an expansion of gyp. `file` is what the text stands in. */
export function interpretText(
  code: string,
  entry: EntryPoint,
  input: Omit<PackageInput, 'entries'>,
  models: TaintModels,
): JavaScriptResult {
  const loader = loaderOf({ ...input, entries: [] }, models);
  const result: JavaScriptResult = {
    observations: [],
    facts: [],
    parsed: [],
    reached: new Map(),
    virtual: loader.virtual,
  };
  const I = new Interpreter(models, loader, entry, input.budget ?? DEFAULT_BUDGET);
  guarded(I, entry.file, () => {
    const value = loader.runText(I, code, entry.file, null, null);
    if (value === null)
      I.fact('parse-failure', 'code in a script text', entry.file, 1, [
        { role: 'step', file: entry.file, line: 1, column: 0, note: code.slice(0, 120) },
      ]);
    I.drain();
  });
  guarded(I, entry.file, () => finish(I));
  collect(I, [entry], result);
  return result;
}

/** Where nothing that an entry loads can act outside, there is nothing to follow; the files count as reached. */
function skipped(
  loader: ModuleLoader,
  phase: Phase,
  entries: readonly EntryPoint[],
  result: JavaScriptResult,
): boolean {
  const paths = entries.map((entry) => entryPath(loader, entry)).filter((path): path is string => path !== null);
  if (canAct(loader, paths)) return false;
  const closure = closureOf(loader, paths);
  const entry = entries[0] as EntryPoint;
  if (entry.planted !== true) result.facts.push(...accessFacts(loader, closure, entry));
  for (const path of closure) result.reached.set(path, (result.reached.get(path) ?? new Set<Phase>()).add(phase));
  return true;
}

function entryPath(loader: ModuleLoader, entry: EntryPoint): string | null {
  return loader.files.has(entry.file) ? entry.file : loader.resolve(`./${entry.file}`, 'package.json');
}

function runEntry(I: Interpreter, entry: EntryPoint): void {
  I.entry = entry;
  I.unasked = entry.asked !== true;
  I.guards = [];
  const path = entryPath(I.loader, entry);
  if (path === null) return;
  if (entry.calledBack === true) I.calledBack.add(path);
  guarded(I, path, () => {
    I.loader.load(I, path);
    I.drain();
  });
}

/** Runs a piece of work within the budget; what ends it becomes a fact, and a cheaper pass reads the rest. */
function guarded(I: Interpreter, file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof Thrown) return;
    const what = error instanceof BudgetExceeded ? error.what : error instanceof RangeError ? 'depth' : null;
    if (what === null) throw error;
    while (I.journals.depth > 0) I.journals.abandon();
    I.callDepth = 0;
    I.evalDepth = 0;
    I.fact('limit', `the analysis of ${file} ended at its limit of ${what}`, file, 1, [
      { role: 'step', file, line: 1, column: 0, note: `limit: ${what}` },
    ]);
    I.tasks.length = 0;
    I.failures.length = 0;
    readRest(I);
  }
}

/** Interpreters whose files the cheaper pass has read: a second limit must not read them again. */
const readAlready = new WeakSet<Interpreter>();

/** The cheaper pass over everything that was loaded; a budget that ends again ends it too, the limit is told already. */
function readRest(I: Interpreter): void {
  if (readAlready.has(I)) return;
  readAlready.add(I);
  try {
    for (const path of I.loader.loaded(I).keys()) insensitivePass(I, path);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
  }
}

/** Beside what talks to the outside, everything worth stealing is told, also where its way was lost. */
function tellTouched(I: Interpreter): void {
  if (!I.observations.some(({ sink }) => TALKS.test(sink))) return;
  for (const { source, detail, step } of I.touched.values())
    if (WORTH_TELLING.test(source) && !(source === 'env.all' && I.isInherited(step)))
      I.fact(`touched.${source}`, detail, step.file, step.line, [step]);
}

const TALKS = /^(?:net\.out|net\.socket|dns\.query|mail\.out)$/;
const WORTH_TELLING =
  /^(?:secret|env\.all|param\.(?:secret|handed|password)|input\.(?:form|keys|source)|cloud|wallet|tool\.)/;

function collect(I: Interpreter, entries: readonly EntryPoint[], result: JavaScriptResult): void {
  reportObfuscation(I);
  markAnswered(I);
  markUses(I);
  markDownloaded(I);
  tellTouched(I);
  result.observations.push(...I.observations);
  result.facts.push(...I.facts);
  const { phase, planted } = entries[0] as EntryPoint;
  if (planted !== true) result.facts.push(...accessFacts(I.loader, filesOf(I, entries), entries[0] as EntryPoint));
  for (const path of I.loader.loaded(I).keys()) {
    const phases = result.reached.get(path) ?? new Set<Phase>();
    phases.add(phase);
    result.reached.set(path, phases);
  }
  result.parsed = [...I.loader.parsed.keys()];
}

/** What was loaded, and what is loaded by name though nobody came to it. */
function filesOf(I: Interpreter, entries: readonly EntryPoint[]): Set<string> {
  const paths = entries.map((entry) => entryPath(I.loader, entry)).filter((path): path is string => path !== null);
  return new Set([...I.loader.loaded(I).keys(), ...closureOf(I.loader, paths)]);
}
