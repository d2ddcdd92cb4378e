import type { MemoryAccount } from './budget.js';
import type { ImportBinding, Scope } from './scope.js';
import { join, type Obj, type Slot, type Value } from './value.js';

type Binding = Value | ImportBinding | undefined;

interface ObjectRecord {
  props: Map<string, Slot | undefined> | null;
  elements: Value[] | null | undefined;
  rest: Value | null | undefined;
}

/** What a branch wrote into scopes and objects that are older than the branch; null maps where it wrote nothing. */
export interface Changes {
  scopes: Map<Scope, Map<string, Binding>> | null;
  objects: Map<Obj, ObjectRecord> | null;
}

/**
 * Keeps the old values of everything that open branches write, so that a condition that is not known can be followed both
 * ways from the same state and the results joined.
 */
export class Journals {
  readonly stack: Changes[] = [];
  private readonly memory: MemoryAccount;
  private readonly worked: (steps: number) => void;

  /** @param worked called with the number of array elements that had to be joined: each is as dear as a step */
  constructor(memory: MemoryAccount, worked: (steps: number) => void) {
    this.memory = memory;
    this.worked = worked;
  }

  get depth(): number {
    return this.stack.length;
  }

  /** To be called before a variable is written. */
  variable(scope: Scope, name: string): void {
    if (scope.depth >= this.stack.length) return;
    const journal = this.stack[this.stack.length - 1] as Changes;
    journal.scopes ??= new Map();
    let names = journal.scopes.get(scope);
    if (names === undefined) {
      names = new Map();
      journal.scopes.set(scope, names);
    }
    if (!names.has(name)) names.set(name, scope.own(name));
  }

  /** To be called before a property is written. */
  property(object: Obj, key: string): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    record.props ??= new Map();
    if (!record.props.has(key)) record.props.set(key, object.own(key));
  }

  /** To be called before the elements of an array change. */
  elements(object: Obj): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    if (record.elements !== undefined) return;
    this.memory.charge(object.elements?.length ?? 0);
    record.elements = object.elements === null ? null : object.elements.slice();
  }

  /** To be called before what stands for unknown keys changes. */
  rest(object: Obj): void {
    if (object.depth >= this.stack.length) return;
    const record = this.record(object);
    if (record.rest === undefined) record.rest = object.rest;
  }

  /** Opens a branch. */
  open(): void {
    this.stack.push({ scopes: null, objects: null });
  }

  /** Closes the innermost branch without taking anything back. */
  abandon(): void {
    this.stack.pop();
  }

  /** Closes the innermost branch: takes its writes back and returns them; old and new values change places in its journal. */
  close(): Changes {
    const journal = this.stack.pop() as Changes;
    journal.scopes?.forEach((names, scope) => {
      names.forEach((old, name) => {
        names.set(name, scope.own(name));
        if (old === undefined) scope.vars.delete(name);
        else scope.vars.set(name, old);
      });
    });
    journal.objects?.forEach((record, object) => {
      takeBack(object, record);
    });
    return journal;
  }

  /** Writes the join of several branches; `unchanged` when none of them need have run. */
  merge(branches: readonly Changes[], unchanged: boolean): void {
    for (let index = 0; index < branches.length; index++) {
      const { scopes } = branches[index] as Changes;
      if (scopes === null) continue;
      for (const [scope, names] of scopes) {
        for (const name of names.keys()) {
          if (index > 0 && writtenBefore(branches, index, scope, name)) continue;
          this.mergeVariable(scope, name, branches, unchanged);
        }
      }
    }
    for (let index = 0; index < branches.length; index++) {
      const { objects } = branches[index] as Changes;
      if (objects === null) continue;
      for (const object of objects.keys()) {
        if (index > 0 && changedBefore(branches, index, object)) continue;
        this.mergeObject(object, branches, unchanged);
      }
    }
  }

  /** Merges one round of a loop of unknown length, which may not run at all: lists that it made longer may be as long as any. */
  mergeRound(round: Changes): void {
    const grown = [...(round.objects ?? [])].flatMap(([object, { elements }]) => {
      const last = elements?.[elements.length - 1];
      const isLonger = last !== undefined && elements != null && elements.length > (object.elements?.length ?? 0);
      return isLonger ? [{ object, last }] : [];
    });
    this.merge([round], true);
    for (const { object, last } of grown) {
      this.rest(object);
      object.rest = object.rest === null ? last : join(object.rest, last);
    }
  }

  private mergeVariable(scope: Scope, name: string, branches: readonly Changes[], unchanged: boolean): void {
    const old = scope.own(name);
    let joined: Slot | ImportBinding | undefined;
    for (const { scopes } of branches) {
      const names = scopes === null ? undefined : scopes.get(scope);
      joined = joinSlots(joined, names?.has(name) === true ? names.get(name) : old);
    }
    if (unchanged) joined = joinSlots(joined, old);
    if (joined === old) return;
    this.variable(scope, name);
    if (joined === undefined) scope.vars.delete(name);
    else scope.vars.set(name, joined as Value);
  }

  private mergeObject(object: Obj, branches: readonly Changes[], unchanged: boolean): void {
    const records = branches.map(({ objects }) => (objects === null ? undefined : objects.get(object)));
    let elements = false;
    let rest = false;
    for (let index = 0; index < records.length; index++) {
      const record = records[index];
      if (record === undefined) continue;
      if (record.elements !== undefined) elements = true;
      if (record.rest !== undefined) rest = true;
      if (record.props === null) continue;
      for (const key of record.props.keys()) {
        if (index > 0 && records.slice(0, index).some((earlier) => earlier?.props?.has(key) === true)) continue;
        this.mergeProperty(object, key, records, unchanged);
      }
    }
    if (elements) this.mergeElements(object, records, unchanged);
    if (rest) this.mergeRest(object, records, unchanged);
  }

  private mergeProperty(
    object: Obj,
    key: string,
    records: readonly (ObjectRecord | undefined)[],
    unchanged: boolean,
  ): void {
    const old = object.own(key);
    let joined: Slot | ImportBinding | undefined;
    for (const record of records)
      joined = joinSlots(joined, record?.props?.has(key) === true ? record.props.get(key) : old);
    if (unchanged) joined = joinSlots(joined, old);
    if (joined === old) return;
    this.property(object, key);
    if (joined === undefined) object.props.delete(key);
    else object.props.set(key, joined as Slot);
  }

  private mergeElements(object: Obj, records: readonly (ObjectRecord | undefined)[], unchanged: boolean): void {
    const old = object.elements;
    let out: Value[] | null = null;
    for (const record of records) out = this.joinLists(out, record?.elements === undefined ? old : record.elements);
    if (unchanged) out = this.joinLists(out, old);
    if (out === old) return;
    this.elements(object);
    object.elements = out;
  }

  /** The join of two arrays, element by element; one of the two where it holds what the other does. */
  private joinLists(out: Value[] | null, list: Value[] | null): Value[] | null {
    if (list === null || out === list) return out;
    if (out === null) return list;
    const [long, short] = out.length >= list.length ? [out, list] : [list, out];
    let made: Value[] | null = null;
    let joins = 0;
    for (let index = 0; index < short.length; index++) {
      const value = long[index] as Value;
      const other = short[index] as Value;
      if (value === other) continue;
      joins++;
      const joined = join(value, other);
      if (joined === value) continue;
      if (made === null) {
        this.memory.charge(long.length);
        made = long.slice();
      }
      made[index] = joined;
    }
    if (joins > 0) this.worked(joins);
    return made ?? long;
  }

  private mergeRest(object: Obj, records: readonly (ObjectRecord | undefined)[], unchanged: boolean): void {
    const old = object.rest;
    let rest = unchanged ? old : null;
    for (const record of records) {
      const each = record?.rest === undefined ? old : record.rest;
      if (each !== null && each !== undefined) rest = rest === null ? each : join(rest, each);
    }
    if (rest === old) return;
    this.rest(object);
    object.rest = rest;
  }

  private record(object: Obj): ObjectRecord {
    const journal = this.stack[this.stack.length - 1] as Changes;
    journal.objects ??= new Map();
    let record = journal.objects.get(object);
    if (record === undefined) {
      record = { props: null, elements: undefined, rest: undefined };
      journal.objects.set(object, record);
    }
    return record;
  }
}

function takeBack(object: Obj, record: ObjectRecord): void {
  if (record.props !== null) {
    for (const [key, old] of record.props) {
      record.props.set(key, object.own(key));
      if (old === undefined) object.props.delete(key);
      else object.props.set(key, old);
    }
  }
  if (record.elements !== undefined) {
    const now = object.elements;
    object.elements = record.elements;
    record.elements = now;
  }
  if (record.rest !== undefined) {
    const now = object.rest;
    object.rest = record.rest;
    record.rest = now;
  }
}

function writtenBefore(branches: readonly Changes[], index: number, scope: Scope, name: string): boolean {
  for (let at = 0; at < index; at++) if (branches[at]?.scopes?.get(scope)?.has(name) === true) return true;
  return false;
}

function changedBefore(branches: readonly Changes[], index: number, object: Obj): boolean {
  for (let at = 0; at < index; at++) if (branches[at]?.objects?.has(object) === true) return true;
  return false;
}

function joinSlots(out: Slot | ImportBinding | undefined, value: Slot | ImportBinding | undefined) {
  if (value === undefined || value === out) return out;
  if (out === undefined) return value;
  if (out.kind === 'accessor' || out.kind === 'import') return out;
  if (value.kind === 'accessor' || value.kind === 'import') return value;
  return join(out, value);
}
