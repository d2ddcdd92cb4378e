import { callFunction } from './calls.js';
import { awaited } from './expressions.js';
import type { Frame, Interpreter } from './interpreter.js';
import { alternatives, Func, Future, join, Native, Obj, prim, UNDEFINED, unknown, type Value } from './value.js';

const MOST_STEPS = 400;
const SAME_LABEL = 3;
/** How TypeScript writes the helper that runs an async function compiled to ES5. */
const HELPER = /label\s*:\s*0\s*,\s*sent\s*:\s*function/;

/** Instructions of the helper: what a part of the body returns to it. */
const BREAK = 3;
const YIELD = 4;
const YIELD_ALL = 5;

/** How it writes the helper that awaits what such a function yields. */
const AWAITER = /\.next\(\s*value\s*\)[\s\S]*\.then\(\s*fulfilled\s*,\s*rejected\s*\)/;

/** A place in the body at which to go on. */
interface Resume {
  label: number;
  sent: Value;
}

/** Whether a function is `__generator`, by its text. */
export function isStateMachine(I: Interpreter, fn: Func): boolean {
  if (!('params' in fn.node) || fn.node.params.length !== 2) return false;
  const text = I.loader.excerptWhole(fn.file, fn.node);
  return text !== null && text.length < 4_000 && HELPER.test(text);
}

/** Whether a call is `__awaiter(this, args, Promise, function () { return __generator(…) })`. */
export function isAwaited(I: Interpreter, fn: Func, args: readonly Value[]): boolean {
  const work = args[3];
  if (args.length !== 4 || !(work instanceof Func)) return false;
  const [helper, inner] = [I.loader.excerptWhole(fn.file, fn.node), I.loader.excerptWhole(work.file, work.node)];
  return (
    helper !== null &&
    helper.length < 3_000 &&
    AWAITER.test(helper) &&
    inner !== null &&
    /__generator\)?\(this\b/.test(inner)
  );
}

/** Awaits one yielded value after the other; gives the promise of the whole. */
export function awaitSteps(I: Interpreter, work: Func, self: Value, given: Value, frame: Frame): Value {
  const promise = new Future();
  promise.depth = I.journals.depth;
  // Where a parameter has a default, the inner function takes what the outer one was given.
  const args = given instanceof Obj && given.elements !== null ? given.elements : [];
  const iterator = callFunction(I, work, self, args, null, frame);
  const next = iterator instanceof Obj ? iterator.props.get('next') : undefined;
  if (!(next instanceof Native)) return iterator;
  let sent: Value = UNDEFINED;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const result = next.run([sent], iterator);
    const [value, done] = result instanceof Obj ? [result.props.get('value'), result.props.get('done')] : [];
    if (value === undefined || value.kind === 'accessor') break;
    if (done !== undefined && done.kind === 'prim' && done.value === true) {
      I.settle(promise, value);
      break;
    }
    sent = awaited(I, value);
  }
  return promise;
}

/**
 * `__generator(this, body)` of tslib: an iterator over the parts of the body. The helper keeps labels and handlers in tables that an
 * abstract run would blur; here a condition that is not known is followed one way after the other, so that what was awaited stays whole.
 */
export function stateMachine(I: Interpreter, body: Func, self: Value, frame: Frame): Value {
  const waiting: Resume[] = [{ label: 0, sent: UNDEFINED }];
  const visits = new Map<number, number>();
  let finished: Value | null = null;
  let steps = 0;
  // What `yield*` hands over to, until it is done.
  let inner: Obj | null = null;
  const state = I.object();
  const iterator = I.object('Generator');

  const result = (value: Value, done: boolean): Value => {
    const made = I.object();
    made.props.set('value', value);
    made.props.set('done', prim(done));
    return made;
  };

  const handedOver = (sent: Value): Value | null => {
    const step = inner?.props.get('next');
    const came = inner !== null && step instanceof Native ? step.run([sent], inner) : null;
    if (!(came instanceof Obj)) return null;
    const [value, done] = [came.props.get('value'), came.props.get('done')];
    if (done === undefined || done.kind === 'accessor' || (done.kind === 'prim' && done.value === true)) {
      inner = null;
      const [first] = waiting;
      if (first !== undefined && value !== undefined && value.kind !== 'accessor') first.sent = value;
      return null;
    }
    return came;
  };

  const next = (sent: Value): Value => {
    const first = waiting[0];
    if (first !== undefined) first.sent = sent;
    if (inner !== null) {
      const came = handedOver(sent);
      if (came !== null) return came;
    }
    for (let at = waiting.shift(); at !== undefined && steps < MOST_STEPS; at = waiting.shift(), steps++) {
      const count = (visits.get(at.label) ?? 0) + 1;
      visits.set(at.label, count);
      if (count > SAME_LABEL) continue;
      const { label } = at;
      const given = at.sent;
      state.props.set('label', prim(label));
      state.props.set('sent', new Native(() => given));
      state.props.set('trys', I.array([]));
      state.props.set('ops', I.array([]));
      const came = callFunction(I, body, self, [state], null, frame);
      const now = state.props.get('label');
      const after = now !== undefined && now.kind === 'prim' && typeof now.value === 'number' ? now.value : label;
      let yielded: Value | null = null;
      for (const each of alternatives(came)) {
        const [kind, value] = instruction(each);
        if (kind === BREAK) {
          for (const target of alternatives(value))
            if (target.kind === 'prim' && typeof target.value === 'number')
              waiting.push({ label: target.value, sent: given });
        } else if (kind === YIELD || kind === YIELD_ALL) {
          waiting.unshift({ label: after + 1, sent: UNDEFINED });
          if (kind === YIELD_ALL && value instanceof Obj && value.props.get('next') instanceof Native) {
            inner = value;
            const came = handedOver(UNDEFINED);
            if (came !== null) return came;
          } else yielded = yielded === null ? value : join(yielded, value);
        } else finished = finished === null ? value : join(finished, value);
      }
      if (yielded !== null) return result(yielded, false);
    }
    return result(finished ?? unknown(null), true);
  };

  iterator.props.set('next', new Native((args) => next(args[0] ?? UNDEFINED)));
  iterator.props.set('throw', new Native((args) => next(args[0] ?? UNDEFINED)));
  iterator.props.set('return', new Native((args) => result(args[0] ?? UNDEFINED, true)));
  return iterator;
}

/** `[4, value]`: an instruction with its value. */
function instruction(value: Value): [number | null, Value] {
  if (!(value instanceof Obj) || value.elements === null) return [null, value];
  const [kind, operand = UNDEFINED] = value.elements;
  return [kind?.kind === 'prim' && typeof kind.value === 'number' ? kind.value : null, operand];
}
