import type { MemoryAccount } from './budget.js';
import type { ImportBinding, Scope } from './scope.js';
import { join, type Obj, type Slot, type Value } from './value.js';

interface ObjectRecord {
  props: Map<string, Slot | undefined>;
  elements: Value[] | null | undefined;
  rest: Value | null | undefined;
}

/** What a branch wrote into scopes and objects that are older than the branch. */
export interface Changes {
  scopes: Map<Scope, Map<string, Value | ImportBinding | undefined>>;
  objects: Map<Obj, ObjectRecord>;
}

function emptyChanges(): Changes {
  return { scopes: new Map(), objects: new Map() };
}

/**
 * Keeps the old values of everything that open branches write, so that a condition that is not known can be followed both
 * ways from the same state and the results joined.
 */
export class Journals {
  readonly stack: Changes[] = [];
  private readonly memory: MemoryAccount;

  constructor(memory: MemoryAccount) {
    this.memory = memory;
  }

  get depth(): number {
    return this.stack.length;
  }

  /** To be called before a variable is written. */
  variable(scope: Scope, name: string): void {
    if (scope.depth >= this.stack.length) return;
    const journal = this.stack[this.stack.length - 1] as Changes;
    let names = journal.scopes.get(scope);
    if (names === undefined) {
      names = new Map();
      journal.scopes.set(scope, names);
    }
    if (!names.has(name)) names.set(name, scope.vars.get(name));
  }

  /** To be called before a property is written. */
  property(object: Obj, key: string): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    if (!record.props.has(key)) record.props.set(key, object.props.get(key));
  }

  /** To be called before the elements of an array change. */
  elements(object: Obj): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    if (record.elements !== undefined) return;
    this.memory.charge(object.elements?.length ?? 0);
    record.elements = object.elements === null ? null : [...object.elements];
  }

  /** To be called before what stands for unknown keys changes. */
  rest(object: Obj): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    if (record.rest === undefined) record.rest = object.rest;
  }

  /** Opens a branch. */
  open(): void {
    this.stack.push(emptyChanges());
  }

  /** Closes the innermost branch without taking anything back. */
  abandon(): void {
    this.stack.pop();
  }

  /** Closes the innermost branch: takes its writes back and returns them. */
  close(): Changes {
    const journal = this.stack.pop() as Changes;
    const made = emptyChanges();
    for (const [scope, names] of journal.scopes) {
      const values = new Map<string, Value | ImportBinding | undefined>();
      for (const [name, old] of names) {
        values.set(name, scope.vars.get(name));
        if (old === undefined) scope.vars.delete(name);
        else scope.vars.set(name, old);
      }
      made.scopes.set(scope, values);
    }
    for (const [object, record] of journal.objects) {
      const now: ObjectRecord = { props: new Map(), elements: undefined, rest: undefined };
      for (const [key, old] of record.props) {
        now.props.set(key, object.props.get(key));
        if (old === undefined) object.props.delete(key);
        else object.props.set(key, old);
      }
      if (record.elements !== undefined) {
        now.elements = object.elements;
        object.elements = record.elements;
      }
      if (record.rest !== undefined) {
        now.rest = object.rest;
        object.rest = record.rest;
      }
      made.objects.set(object, now);
    }
    return made;
  }

  /** Writes the join of several branches; `unchanged` when none of them need have run. */
  merge(branches: readonly Changes[], unchanged: boolean): void {
    const scopes = new Set(branches.flatMap((each) => [...each.scopes.keys()]));
    for (const scope of scopes) {
      const names = new Set(branches.flatMap((each) => [...(each.scopes.get(scope)?.keys() ?? [])]));
      for (const name of names) {
        const old = scope.vars.get(name);
        const values = branches.map((each) => {
          const made = each.scopes.get(scope);
          return made?.has(name) ? made.get(name) : old;
        });
        if (unchanged) values.push(old);
        this.variable(scope, name);
        const joined = joinSlots(values);
        if (joined === undefined) scope.vars.delete(name);
        else scope.vars.set(name, joined as Value);
      }
    }
    const objects = new Set(branches.flatMap((each) => [...each.objects.keys()]));
    for (const object of objects) this.mergeObject(object, branches, unchanged);
  }

  private mergeObject(object: Obj, branches: readonly Changes[], unchanged: boolean): void {
    const records = branches.map((each) => each.objects.get(object));
    const keys = new Set(records.flatMap((record) => [...(record?.props.keys() ?? [])]));
    for (const key of keys) {
      const old = object.props.get(key);
      const values = records.map((record) => (record?.props.has(key) ? record.props.get(key) : old));
      if (unchanged) values.push(old);
      this.property(object, key);
      const joined = joinSlots(values);
      if (joined === undefined) object.props.delete(key);
      else object.props.set(key, joined as Slot);
    }
    if (records.some((record) => record?.elements !== undefined)) {
      const old = object.elements;
      const lists = records.map((record) => (record?.elements === undefined ? old : record.elements));
      if (unchanged) lists.push(old);
      this.elements(object);
      this.memory.charge(Math.max(...lists.map((list) => list?.length ?? 0)));
      object.elements = joinLists(lists);
    }
    if (records.some((record) => record?.rest !== undefined)) {
      const old = object.rest;
      this.rest(object);
      let rest = unchanged ? old : null;
      for (const record of records) {
        const each = record?.rest === undefined ? old : record.rest;
        if (each !== null && each !== undefined) rest = rest === null ? each : join(rest, each);
      }
      object.rest = rest;
    }
  }

  private record(object: Obj): ObjectRecord {
    const journal = this.stack[this.stack.length - 1] as Changes;
    let record = journal.objects.get(object);
    if (record === undefined) {
      record = { props: new Map(), elements: undefined, rest: undefined };
      journal.objects.set(object, record);
    }
    return record;
  }
}

function joinSlots(values: readonly (Slot | ImportBinding | undefined)[]): Slot | ImportBinding | undefined {
  let out: Slot | ImportBinding | undefined;
  for (const value of values) {
    if (value === undefined) continue;
    if (out === undefined) out = value;
    else if (out.kind === 'accessor' || out.kind === 'import') continue;
    else if (value.kind === 'accessor' || value.kind === 'import') out = value;
    else out = join(out, value);
  }
  return out;
}

function joinLists(lists: readonly (Value[] | null)[]): Value[] | null {
  let out: Value[] | null = null;
  for (const list of lists) {
    if (list === null) continue;
    if (out === null) out = list;
    else if (out !== list) {
      const [long, short]: [Value[], Value[]] = out.length >= list.length ? [out, list] : [list, out];
      out = long.map((value, index) => (index < short.length ? join(value, short[index] as Value) : value));
    }
  }
  return out;
}
