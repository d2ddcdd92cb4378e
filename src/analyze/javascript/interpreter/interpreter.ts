import type * as t from '@babel/types';
import type { SliceStep } from '../../../model.js';
import type { EntryPoint, Fact, Guard, Observation } from '../../observation.js';
import type { ModuleLoader } from '../modules/modules.js';
import type { DecoderProof } from '../parsing/known-decoders.js';
import { forgetFlows, sourceFlow, type Taints } from '../taint/taint.js';
import type { TaintModels } from '../taint/taint-models.js';
import { type Budget, BudgetExceeded, MemoryAccount } from './budget.js';
import { type Changes, Journals } from './journal.js';
import type { Scope } from './scope.js';
import { Future, Obj, type Slot, UNDEFINED, type Value } from './value.js';

/** What a running function knows of itself. */
export interface Frame {
  file: string;
  self: Value;
  args: Value[];
  /** Values of returns under conditions that are not known. */
  returns: Value[];
  /** Collected values of a generator, else null. */
  yields: Value[] | null;
  home: Obj | null;
  newTarget: Value;
  async: boolean;
  /** Where `super(...)` goes and fields are set, in constructors. */
  superClass: Value | null;
  /** Loops around the running statement that a `break` of unknown reach marks. */
  maybeLeft: boolean;
  /** How many conditions were open when the function was entered. */
  guardsOutside: number;
  /** A handler that runs again and again: what its conditions look at changes between the runs. */
  again: boolean;
  name: string;
}

/** A value thrown by the sample. */
export class Thrown {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** Ends a generator that yields without end. */
export class EnoughYields {}

/** Work that waits in the queue of callbacks, with the conditions it was queued under. */
export interface Task {
  run: () => void;
  unasked: boolean;
  guards: Guard[];
}

/** The state of one abstract run: one phase of one package. */
export class Interpreter {
  readonly models: TaintModels;
  readonly budget: Budget;
  readonly memory: MemoryAccount;
  readonly journals: Journals;
  readonly observations: Observation[] = [];
  readonly facts: Fact[] = [];
  readonly loader: ModuleLoader;
  readonly functionCalls = new WeakMap<
    t.Node,
    { count: number; results: Map<string, Value>; active: number; depth: number; within: Value[]; proof: DecoderProof }
  >();
  /** Whether the texts of functions name what acts. */
  readonly acting = new Map<t.Node, boolean>();
  /** Function nodes that were entered at least once. */
  readonly entered = new Set<t.Node>();
  /** Functions made by the running code, to be entered at the end if nobody calls them. */
  readonly made: { fn: Value; node: t.Node; file: string; guards: Guard[] }[] = [];
  readonly madeNodes = new Set<t.Node>();
  /** Functions that promises were made with: what these get is the language's own, and nobody's data. */
  readonly executors = new Set<t.Node>();
  readonly globals = new Map<string, Value>();
  /** Functions that were put in the place of ones that everybody calls, by the path of what they replace. */
  readonly replaced = new Map<string, Value>();
  /** What the defaults of clients add to their requests, by the client that was made or the name of its module. */
  readonly clientDefaults = new Map<Obj | string, Taints>();
  /** Methods that the sample puts on the prototypes of the language's own classes: `Array#last`. */
  readonly extensions = new Map<string, Slot>();
  /** Traps for writing of proxies, by what stands for the proxy. */
  readonly setTraps = new Map<Obj, { trap: Value; inner: Value }>();
  /** While functions of `replaced` run: what the originals give passes through their hands. */
  inReplaced = false;
  /** The first instance of each class or constructor, by its prototype: the receiver of methods that nobody called. */
  readonly instances = new Map<Obj, Obj>();
  /** Instances that no code of the package made. */
  readonly madeToEnter = new WeakSet<Obj>();
  /** Something worth stealing, or foreign code, was read: what one call leaves behind is worth looking for in the next. */
  sawTreasure = false;
  /** What was read or received that attackers are after, whether or not its way could be followed. */
  readonly touched = new Map<string, { source: string; detail: string; step: SliceStep }>();
  /** Parameters that were used as a key, a wallet's words or a connection's settings, by where they stand. */
  readonly usedAsKeys = new Map<string, Set<string>>();
  /** Addresses that were made of what somebody gave, by where that stands. */
  readonly addresses = new Map<string, Obj[]>();
  /** What was tested for looking like a wallet's address, by where it comes from. */
  readonly testedShapes = new Set<string>();
  /** Texts of code that were given to somebody. */
  readonly handedCode = new Set<string>();
  /** Addresses of script tags that were put into the pages of others. */
  readonly scriptTags = new Set<string>();
  /** Contents of files that the sample wrote, by path. */
  readonly written = new Map<string, Value>();
  /** Functions that proved to be decoders, with something they gave. */
  readonly decoders = new Map<t.Node, { file: string; sample: string }>();
  readonly seenObservations = new Set<string>();
  /** Places where the environment was read that a child got as its own. */
  private readonly inherited = new Set<string>();
  /** Files that something starts as programs in this run; empty where nothing is known of others. */
  readonly programs = new Set<string>();
  entry: EntryPoint;
  unasked = true;
  guards: Guard[] = [];
  tasks: Task[] = [];
  /** Callbacks of failures, which run when no other is left. */
  failures: Task[] = [];
  steps = 0;
  stepLimit: number;
  /** Steps at which the work at hand ends once it has come to a function that acts; 0 where `stepLimit` is all. */
  limitOfPower = 0;
  readonly deadline: number;
  callDepth = 0;
  evalDepth = 0;
  /** Raised whenever something happens that the model cannot rule out to throw. */
  mayThrow = 0;
  /** Calls so far of functions that nothing is known of. */
  callsOfOthers = 0;
  /** Raised whenever the sample calls out of itself. */
  worldCalls = 0;
  /** Raised with every request; what the last one answers. */
  requests = 0;
  /** Blocks around what runs whose failures are caught. */
  caught = 0;
  lastAnswer: Taints = null;
  /** Raised with every promise that is rejected; what the last one was rejected with. */
  rejections = 0;
  lastRejected: Value = UNDEFINED;
  /** Places and addresses of requests whose answers went to who called the package. */
  readonly handedBack = new Set<string>();
  /** Requests whose answers were printed. */
  readonly shownAnswers = new Set<string>();
  /** Functions that who called the package got from it. */
  readonly handedOut = new Set<t.Node>();
  /** Prototypes of classes that are exported, or of which somebody gets an instance: their methods are as good as exported. */
  readonly handedPrototypes = new Set<Obj>();
  /** Files whose exports a tool calls by itself. */
  readonly calledBack = new Set<string>();
  /** Whether something was told to read the command line, or anything that is called like that was called. */
  readsCommandLine = false;
  /** Handlers that run again at the end, when others have left something for them: of timers, of leaving, of hiding. */
  readonly lasting: Task[] = [];
  /** Scope of the running call of a direct `eval`. */
  evalScope: Scope | null = null;
  /** Set just before a handler of an event or an interval is called. */
  enteringHandler = false;
  private draining = 0;

  constructor(models: TaintModels, loader: ModuleLoader, entry: EntryPoint, budget: Budget) {
    forgetFlows();
    this.models = models;
    this.loader = loader;
    this.entry = entry;
    this.budget = budget;
    this.stepLimit = Math.min(budget.steps, budget.plainSteps);
    this.deadline = performance.now() + budget.ms;
    this.memory = new MemoryAccount(budget.cells);
    this.journals = new Journals(this.memory, (steps) => {
      this.steps += steps;
    });
  }

  /** Counts one step; @throws BudgetExceeded */
  tick(): void {
    if (++this.steps > this.stepLimit) throw new BudgetExceeded('steps');
    if ((this.steps & 2047) === 0 && performance.now() > this.deadline) throw new BudgetExceeded('milliseconds');
  }

  /** A step of provenance at a node. */
  at(node: t.Node | null | undefined, file: string, role: SliceStep['role'], note: string): SliceStep {
    return {
      role,
      file,
      line: node?.loc?.start.line ?? 1,
      column: node?.loc?.start.column ?? 0,
      note,
    };
  }

  /** A fresh taint read at a node. */
  source(source: string, detail: string, node: t.Node | null, file: string): Taints {
    const step = this.at(node, file, 'source', `${source}: ${detail}`.slice(0, 160));
    if (isTreasure(source)) this.touch(source, detail, step);
    return sourceFlow(source, detail, step);
  }

  /** Notes that something worth stealing was read or received. */
  touch(source: string, detail: string, step: SliceStep): void {
    this.sawTreasure = true;
    // Each reading of the environment may go another way.
    const place = source === 'env.all' ? placeOf(step) : step.file;
    const key = `${source}|${detail}|${place}`;
    if (this.touched.size < MAX_TOUCHED && !this.touched.has(key)) this.touched.set(key, { source, detail, step });
  }

  /** Notes that what was read there is the environment of a child. */
  noteInherited(step: SliceStep): void {
    this.inherited.add(placeOf(step));
  }

  /** Whether what was read there is the environment of a child, which has it anyway. */
  isInherited(step: SliceStep): boolean {
    return this.inherited.has(placeOf(step));
  }

  /** Keeps an instance of a class: one that the package makes rather than one that was made to enter the class. */
  noteInstance(prototype: Obj, instance: Obj): void {
    const known = this.instances.get(prototype);
    if (known !== undefined && !this.madeToEnter.has(known)) return;
    this.instances.set(prototype, instance);
  }

  /** Runs one way of a condition that is not known; its writes are taken back and returned. */
  branch<T>(run: () => T): { result: T | null; thrown: Thrown | null; changes: Changes } {
    this.journals.open();
    const guards = this.guards;
    let result: T | null = null;
    let thrown: Thrown | null = null;
    try {
      result = run();
    } catch (error) {
      if (!(error instanceof Thrown)) {
        this.journals.abandon();
        throw error;
      }
      thrown = error;
    } finally {
      this.guards = guards;
    }
    return { result, thrown, changes: this.journals.close() };
  }

  /** Runs code that may not run at all. */
  maybe(run: () => void): void {
    const { changes } = this.branch(run);
    this.journals.merge([changes], true);
  }

  /** Puts work into the queue of callbacks. */
  later(run: () => void): void {
    if (this.tasks.length > 4000) return;
    this.tasks.push({ run, unasked: this.unasked, guards: this.guards });
  }

  /** Puts work behind all else: what is called only where something went wrong. */
  atLast(run: () => void): void {
    if (this.failures.length > 400) return;
    this.failures.push({ run, unasked: this.unasked, guards: this.guards });
  }

  /** Runs queued callbacks until none is left. */
  drain(): void {
    if (this.draining > 6) return;
    this.draining++;
    try {
      for (let rounds = 0; rounds < 5000; rounds++) {
        const task = this.tasks.shift() ?? this.failures.shift();
        if (task === undefined) break;
        const [unasked, guards] = [this.unasked, this.guards];
        this.unasked = task.unasked;
        this.guards = task.guards;
        try {
          task.run();
        } catch (error) {
          if (!(error instanceof Thrown)) throw error;
        } finally {
          this.unasked = unasked;
          this.guards = guards;
        }
      }
    } finally {
      this.draining--;
    }
  }

  /** A promise that is settled with a value. */
  settled(value: Value): Value {
    if (value instanceof Future) return value;
    const future = new Future();
    future.depth = this.journals.depth;
    future.result = value;
    future.taints = value.taints;
    return future;
  }

  /** Settles a promise and queues what waits for it. */
  settle(future: Future, value: Value): void {
    if (value instanceof Future && value !== future) {
      this.whenSettled(value, (inner) => this.settle(future, inner));
      return;
    }
    if (future.result !== null) return;
    future.result = value;
    for (const waiting of future.waiting.splice(0)) this.later(() => waiting(value));
  }

  /** Calls back with the value of a promise, or with the value itself. */
  whenSettled(value: Value, then: (value: Value) => void): void {
    if (!(value instanceof Future)) this.later(() => then(value));
    else if (value.result !== null) {
      const result = value.result;
      this.later(() => then(result));
    } else value.waiting.push(then);
  }

  /** Rejects a promise and queues what waits for its failure. */
  reject(future: Future, value: Value): void {
    this.rejections++;
    this.lastRejected = value;
    if (future.failure !== null) return;
    future.failure = value;
    for (const failing of future.failing.splice(0)) this.later(() => failing(value));
  }

  /** A new plain object or array of the sample. */
  object(cls = 'Object'): Obj {
    const object = new Obj(cls);
    object.depth = this.journals.depth;
    return object;
  }

  /** A new array of the sample; its slots are charged. */
  array(elements: Value[]): Obj {
    this.memory.charge(elements.length);
    const object = this.object('Array');
    object.elements = elements;
    return object;
  }

  fact(id: string, detail: string, file: string, line: number, steps: SliceStep[]): void {
    if (this.facts.some((known) => known.id === id && known.file === file && known.detail === detail)) return;
    this.facts.push({ id, detail, entry: this.entry, file, line, steps });
  }

  /** Reads a variable; undefined when no scope has it. */
  lookUp(name: string, scope: Scope): Value | undefined {
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      const found = at.own(name);
      if (found !== undefined) return found.kind === 'import' ? found.read() : found;
    }
    return this.globals.get(name);
  }

  /** Writes a variable where it is declared, else as a global. */
  assign(name: string, value: Value, scope: Scope): void {
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      if (at.own(name) !== undefined) {
        this.journals.variable(at, name);
        at.vars.set(name, value);
        return;
      }
    }
    this.globals.set(name, value);
  }

  /** Declares a variable in a scope. */
  declare(name: string, value: Value, scope: Scope): void {
    this.journals.variable(scope, name);
    scope.vars.set(name, value);
  }
}

const MAX_TOUCHED = 400;

function placeOf({ file, line, column }: SliceStep): string {
  return `${file}:${line}:${column}`;
}

const TREASURE = /^(?:param\.|tool\.|generated\.|input|secret|cloud|env\.all|net\.response|process\.output|wallet)/;

/** Whether a source is one that attackers are after, or brings their code. */
export function isTreasure(source: string): boolean {
  return TREASURE.test(source);
}

/** A frame for code that runs at the top of a file. */
export function topFrame(file: string, self: Value = UNDEFINED): Frame {
  return {
    file,
    self,
    args: [],
    returns: [],
    yields: null,
    home: null,
    newTarget: UNDEFINED,
    async: false,
    superClass: null,
    maybeLeft: false,
    guardsOutside: 0,
    again: false,
    name: file,
  };
}
