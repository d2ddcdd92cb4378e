import type { Phase, SliceStep } from '../model.js';

/** How a piece of code comes to run. */
export interface EntryPoint {
  phase: Phase;
  /** File inside the package, or `package.json` for code that stands in a script. */
  file: string;
  /** What starts it: `scripts.postinstall`, `main`, `exports["./x"]`, `bin.foo`, `binding.gyp <!(…)`. */
  via: string;
  /** Set when what starts it runs only when somebody calls a function: a child process of an exported function. */
  asked?: true;
  /** What a script text gives the program after its file name, where all of it is known. */
  args?: readonly string[];
  /** Set where a tool loads the file that calls what it exports by itself. */
  calledBack?: true;
  /** Set where the file is loaded by whoever imports the package, and not started as a program. */
  loaded?: true;
  /** Place and command of the call that started it as a child and may read what it prints. */
  startedAt?: string;
  /** Set for code that the package only gives to others, who run it in their project. */
  planted?: true;
  /** Set for planted code that lies in the user's home folder or in the system, not in a project. */
  placed?: true;
}

/** A source of secrets, identity or foreign code that a value carries; ids are those of rules/taint/sources.yaml. */
export interface Taint {
  /** e.g. `secret.file`, `env.all`, `env.named`, `identity.host`, `net.response`, `param`. */
  source: string;
  /** What exactly: `~/.npmrc`, `process.env`, `NPM_TOKEN`. */
  detail: string;
  file: string;
  line: number;
  /** Transformations on the way: `base64`, `json`, `zlib`, `cipher`, `hash`. */
  through: string[];
  /** The provenance: the nodes that made the value, source first. */
  steps: SliceStep[];
}

/** A condition over which the code at the sink runs. */
export interface Guard {
  /** `ci`, `platform`, `date`, `locale`, `hostname`, `user`, `random`, `debugger`, `file-exists`, `folder`, `other`. */
  kind: string;
  text: string;
  line: number;
}

/** What is known of an argument: its text with `\u{FFFC}` for unknown parts, or null where nothing is known. */
export interface ArgumentFact {
  text: string | null;
  /** True when the whole text is known. */
  constant: boolean;
  taints: Taint[];
  /** True when the constant text was not in the source as it stands: it was decoded or put together. */
  decoded: boolean;
  /** For objects: known string-valued fields, dotted (`headers.authorization`). */
  fields: Record<string, string>;
  /** For commands that get an `input` option: what that carries. */
  inputTaints?: readonly Taint[];
  /** For commands that are given as a program and a list of words: what the program's name carries. */
  programTaints?: readonly Taint[];
}

/**
 * One thing that the interpreter, or a front end for another language, saw: a call of an API that matters, with what is
 * known of its arguments. Rules speak of observations only, never of syntax.
 */
export interface Observation {
  /** Sink id of rules/taint/sinks.yaml: `net.out`, `code.eval`, `process.spawn`, `fs.write`, `fs.delete`, `dns.query`, … */
  sink: string;
  /** Resolved API: `child_process.exec`, `https.request`, `global.eval`. */
  api: string;
  /**
   * What the call is about, unknown parts as `\u{FFFC}`, null where nothing is known: the URL or host of a request, the path
   * of a file (`~`, `$TMP`, `$PROJECT` symbolic, own files as `./…`), the whole command line of a child, the name of a query.
   */
  target: string | null;
  language: 'javascript' | 'shell' | 'python' | 'script' | 'powershell' | 'batch' | 'gyp' | 'make' | 'text';
  args: ArgumentFact[];
  /** All taints that reach the sink, of any argument, receiver or chained write. */
  taints: Taint[];
  guards: Guard[];
  entry: EntryPoint;
  /** Runs when the entry runs, without anybody calling an exported function. */
  unasked: boolean;
  /** False when the receiver could not be resolved to a module and only the name matched. */
  resolved: boolean;
  /** Set where what the host answers goes back to who called the package. */
  answered?: true;
  /** Set where what the host answers is printed, or kept in a file. */
  shown?: true;
  file: string;
  line: number;
  column: number;
  /** Flow from the nearest source, or the call alone; never empty. */
  steps: SliceStep[];
}

/** A fact about a file or the package that is not a call: obfuscation, hidden unicode, a parse failure, a planted file. */
export interface Fact {
  /** e.g. `parse-failure`, `limit`, `opaque`, `obfuscated`, `hidden-unicode`, `unresolved-entry`, `manifest.bin-shadow`. */
  id: string;
  detail: string;
  entry: EntryPoint | null;
  file: string;
  line: number;
  steps: SliceStep[];
}
