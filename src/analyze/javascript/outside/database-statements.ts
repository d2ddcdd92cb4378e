import type { Interpreter } from '../interpreter/interpreter.js';
import { knownText, Obj, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';

/** Statements after which nothing is left: of a table, or of everything. */
const STATEMENT =
  /^\s*(?:begin\s*;\s*)?(?:drop\s+(?:table|database|schema)\b|truncate\s+\S|delete\s+from\s+\S+\s*(?:;|$)|update\s+\S+\s+set\s+(?!.*\bwhere\b))/is;
const METHOD =
  /(?:^|[.?])(?:drop(?:Table|Database|Collection|Schema|AllTables|AllSchemas|View)(?:IfExists)?|truncate(?:Table)?|flush(?:All|Db|all|db))$/;
/** `model.deleteMany({})`: everything. */
const WITHOUT_CONDITION = /(?:^|[.?])(?:deleteMany|updateMany)$/;
const LONGEST = 4_000;

/** Tells of calls of whatever database client that throw away what is stored, by the statement or the name of the method. */
export function databaseEmptied(I: Interpreter, call: Call): void {
  const statement = statementOf(call.args[0]);
  const isWhole = WITHOUT_CONDITION.test(call.path) && isEmpty(call.args[0]);
  if (statement === null && !isWhole && !METHOD.test(call.path)) return;
  observe(I, {
    sink: 'db.empty',
    api: call.path,
    target: statement?.slice(0, 200) ?? null,
    args: call.args.slice(0, 3).map((each) => argumentFact(I, each)),
    taints: argumentTaints(call.args),
    node: call.node,
    frame: call.frame,
  });
}

function statementOf(first: Value | undefined): string | null {
  const field = first instanceof Obj ? (first.own('sql') ?? first.own('text')) : first;
  const shown = field === undefined || field.kind === 'accessor' ? null : knownText(field);
  return shown !== null && shown.length < LONGEST && STATEMENT.test(shown) ? shown : null;
}

/** `{}` or `[]`: some clients take their conditions as a list. */
function saysNothing({ props, elements, rest }: Obj): boolean {
  return props.size === 0 && (elements === null || elements.length === 0) && rest === null;
}

function isEmpty(first: Value | undefined): boolean {
  if (first === undefined) return true;
  if (!(first instanceof Obj) || first.elements !== null || first.rest !== null) return false;
  const where = first.own('where');
  return first.props.size === 0 || (where instanceof Obj && saysNothing(where));
}
