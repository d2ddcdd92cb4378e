import type { Manifest } from './manifest/index.js';
import type { EntryPoint, Fact, Guard, Observation, Taint } from './observation.js';
import type { PackageFiles } from './package-files.js';
import type { SourceTables } from './source-tables.js';

/** Languages that have a front end. */
export type CodeLanguage =
  | 'javascript'
  | 'shell'
  | 'python'
  | 'perl'
  | 'ruby'
  | 'php'
  // Any other language of which a handful of calls is known.
  | 'foreign'
  | 'powershell'
  | 'batch'
  | 'make'
  | 'gyp'
  | 'binary';

/** One thing the worklist still has to read: a file of the package, or a text that some other code runs. */
export type Task = FileTask | TextTask;

export interface FileTask {
  kind: 'file';
  /** Path inside the package. */
  path: string;
  entry: EntryPoint;
  /** Set when the command that starts the file says the language. */
  language?: CodeLanguage;
  /** Files of the same program that load it. */
  loadedBy?: readonly string[];
  /** Folder in which its commands run, where it is not its own. */
  cwd?: string;
  /** What make was asked for, where its command line is known. */
  make?: MakeCall;
  /** What its standard input carries, where code of the package hands it that. */
  inputTaints?: readonly Taint[];
}

/** The words of make's command line. */
export interface MakeCall {
  goals: readonly string[];
  /** `NAME=value`, which wins over the makefile's own. */
  variables: readonly (readonly [name: string, value: string])[];
}

export interface TextTask {
  kind: 'text';
  language: CodeLanguage;
  text: string;
  entry: EntryPoint;
  /** Where the text stands. */
  file: string;
  line: number;
  /** What the unknown parts (U+FFFC) of the text carry. */
  taints: Taint[];
  /** Folder inside the package in which it runs, '' for the root. */
  cwd: string;
  /** How many texts deep: a script in a string of a script … */
  depth: number;
  /** Conditions under which it is started. */
  guards?: readonly Guard[];
  /** What it reads from its standard input, where code of the package gives it that. */
  input?: string;
  /** What the unknown parts of its input carry. */
  inputTaints?: readonly Taint[];
  /** What the first word carries, where it was given apart from the others. */
  programTaints?: readonly Taint[];
  /** Name under which imports find a script, where it has one. */
  name?: string;
  /** Where the parts of a text that was put together come from; in order. */
  places?: readonly TextPlace[];
  /** What make was asked for, where its command line is known. */
  make?: MakeCall;
}

/** The place of what follows an offset of a text. */
export interface TextPlace {
  at: number;
  file: string;
  line: number;
}

/** The package under scan, as front ends see it. */
export interface ScanContext {
  files: PackageFiles;
  manifest: Manifest;
  /** Folder of the package's manifest inside the tarball: '' or that of a bundled package. */
  root: string;
  tables: SourceTables;
  /** Paths that JavaScript of the package writes: starting one of them is judged by what was written. */
  written: Set<string>;
  /** What files carry that some code of the package writes and other code may read, by path. */
  channels: Map<string, Taint[]>;
  /** What one command has downloaded into a file that another may start, by path. */
  fetched: Map<string, Taint[]>;
}

/** What a front end saw, and what has to be read next. */
export interface FrontEndResult {
  observations: Observation[];
  facts: Fact[];
  next: Task[];
}

/** Stands for a part of a text that is not known. */
export const HOLE = '\uFFFC';

/** An empty result to be filled. */
export function emptyResult(): FrontEndResult {
  return { observations: [], facts: [], next: [] };
}
