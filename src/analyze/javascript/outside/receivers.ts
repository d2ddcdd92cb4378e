import type { Interpreter } from '../interpreter/interpreter.js';
import { Func, Obj, UNKNOWN, type Value } from '../interpreter/value.js';

/** A method and an object that it can be called on. */
export interface Receiver {
  method: Func;
  instance: Obj;
  /** Somebody outside has such an object. */
  isHandedOut: boolean;
}

/** The objects on which methods that nobody called would be called: instances that were made, object literals, classes for statics. */
export class Receivers {
  private readonly I: Interpreter;
  private readonly given = new Set<Func>();
  private readonly byMethod = new Map<Func, Obj>();

  constructor(I: Interpreter) {
    this.I = I;
  }

  /** Methods of instances that this has not given before; more come while functions are entered. */
  *unseen(): Generator<Receiver> {
    for (const [prototype, instance] of this.I.instances) {
      const isHandedOut = this.I.handedPrototypes.has(prototype);
      for (let at: Obj | null = prototype; at instanceof Obj && at.kind === 'obj'; at = at.proto) {
        for (const slot of [...at.props.values()]) {
          const methods = slot.kind === 'accessor' ? [slot.get, slot.set] : [slot];
          for (const method of methods) {
            if (!(method instanceof Func) || method.isClass || this.given.has(method)) continue;
            if (at.own('constructor') === method) continue;
            this.given.add(method);
            this.byMethod.set(method, instance);
            yield { method, instance, isHandedOut };
          }
        }
      }
    }
  }

  /** Whether a function is a method of an object that was made. */
  hasInstance(fn: Func): boolean {
    return this.byMethod.has(fn);
  }

  /** What `this` is in a function that nobody called; unknown for plain functions. */
  of(fn: Func): Value {
    const known = this.byMethod.get(fn);
    if (known !== undefined) return known;
    const { home } = fn;
    if (!(home instanceof Obj)) return UNKNOWN;
    if (home.own('constructor') === undefined) return home;
    return this.I.instances.get(home) ?? UNKNOWN;
  }
}
