import type { ArgumentFact } from '../../observation.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { knownText, Obj, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';
import { tableMade } from './tables-made.js';

/** Statements after which nothing is left: of a table, or of everything. */
const STATEMENT =
  /^\s*(?:begin\s*;\s*)?(?:drop\s+(?:table|database|schema)\b|truncate\s+\S|delete\s+from\s+\S+\s*(?:;|$)|update\s+\S+\s+set\s+(?!.*\bwhere\b))/is;
/** Accounts made and rights given, in whatever dialect; what exactly, rules ask. */
const ACCOUNT =
  /\b(?:create|alter)\s+(?:role|user|login)\s|\bgrant\s+all\b|\bsp_addsrvrolemember\b|\balter\s+server\s+role\b/i;
const METHOD =
  /(?:^|[.?])(?:drop(?:Table|Database|Collection|Schema|AllTables|AllSchemas|View)(?:IfExists)?|truncate(?:Table)?|flush(?:All|Db|all|db))$/;
/** `model.deleteMany({})`: everything. */
const WITHOUT_CONDITION = /(?:^|[.?])(?:deleteMany|updateMany)$/;
const LONGEST = 4_000;
const LONGEST_SCRIPT = 20_000;

/** Tells of calls of whatever database client that make an account or give it rights. */
export function accountMade(I: Interpreter, call: Call): void {
  const statement = call.args
    .slice(0, 2)
    .map(accountIn)
    .find((each) => each !== null);
  if (statement === undefined || statement === null) return;
  observe(I, {
    sink: 'db.account',
    api: call.path,
    target: statement,
    args: call.args.slice(0, 3).map((each) => argumentFact(I, each)),
    taints: argumentTaints(call.args),
    node: call.node,
    frame: call.frame,
  });
}

/** The statement from where it makes an account; for clients that take objects, whose account it is. */
function accountIn(value: Value): string | null {
  if (value instanceof Obj && value.own('pwd') !== undefined && value.own('roles') !== undefined) return 'createUser';
  const field = value instanceof Obj ? (value.own('sql') ?? value.own('text')) : value;
  const shown = field === undefined || field.kind === 'accessor' ? null : knownText(field);
  if (shown === null || shown.length > LONGEST_SCRIPT) return null;
  const at = ACCOUNT.exec(shown)?.index;
  return at === undefined ? null : shown.slice(at, at + 300);
}

/** Tells of calls of whatever database client that throw away what is stored, by the statement or the name of the method. */
export function databaseEmptied(I: Interpreter, call: Call): void {
  const statement = statementOf(call.args[0]);
  const isWhole = WITHOUT_CONDITION.test(call.path) && isEmpty(call.args[0]);
  if (statement === null && !isWhole && !METHOD.test(call.path)) return;
  observe(I, {
    sink: 'db.empty',
    api: call.path,
    target: statement?.slice(0, 200) ?? null,
    args: call.args
      .slice(0, 3)
      .map((each, index) => (index === 0 ? ofTable(I, call, each, statement) : argumentFact(I, each))),
    taints: argumentTaints(call.args),
    node: call.node,
    frame: call.frame,
  });
}

/** What is known of the statement, and whether its table is one that the same file makes. */
function ofTable(I: Interpreter, call: Call, value: Value, statement: string | null): ArgumentFact {
  const fact = argumentFact(I, value);
  const text = statement === null ? null : I.loader.reading(call.frame.file)?.text;
  const table = statement === null || text === undefined || text === null ? null : tableMade(statement, text);
  return table === null ? fact : { ...fact, fields: { ...fact.fields, table } };
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
