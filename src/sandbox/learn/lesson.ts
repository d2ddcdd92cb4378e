import type { SandboxEvent, ScriptRun } from '../../model.js';

/** One thing that a grant could give, or that it must not. */
export interface Wish {
  kind: 'host' | 'write' | 'read' | 'env' | 'cache' | 'call';
  /** Host name, path as a policy would write it, name of a variable, or system call. */
  value: string;
  /** What was seen of it, or why it is not proposed. */
  why: string;
}

/** What a grant is learnt from. */
export interface Lesson {
  /** Runs of one package's scripts, traced where that can be. */
  runs: readonly ScriptRun[];
  /** What the sandbox saw of them. */
  events: readonly SandboxEvent[];
  /** Absolute folder of the package while it ran. */
  folder: string;
  /** Absolute root of the install in which it ran, and of the project that the grant is for. */
  ranIn: string;
  project: string;
  home: string;
  /** The installer's environment. */
  env: Readonly<Record<string, string | undefined>>;
  /** Names that scripts of this package get already by a grant. */
  granted: readonly string[];
}

/** The smallest grant that gives what the scripts were refused. */
export interface Proposal {
  proposed: Wish[];
  /** What they wanted, and no grant is proposed for. */
  refused: Wish[];
  /** Folders of their private HOME in which they kept something; granted, they last. */
  caches: Wish[];
  /** What could not be seen, in words. */
  unseen: string[];
}
