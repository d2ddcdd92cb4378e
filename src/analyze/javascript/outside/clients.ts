import { HOLE, knownText, Obj, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';

interface Client {
  verbs: RegExp;
  host: string | null;
}

/** Libraries whose objects and functions hand what they are given to a server. */
export interface ClientTable {
  /** By module name. */
  exact: ReadonlyMap<string, Client>;
  /** By the beginning of the module name: all packages of a scope, or of a family. */
  families: readonly { prefix: string; client: Client }[];
  /** What look-ups of module names gave. */
  known: Map<string, Client | null>;
}

/** Makes the table of `clients` in rules/taint/sinks-*.yaml ready for look-up. */
export function clientTable(
  rows: readonly { verbs: string; host?: string | undefined; modules: readonly string[] }[],
): ClientTable {
  const exact = new Map<string, Client>();
  const families: { prefix: string; client: Client }[] = [];
  for (const row of rows) {
    const client = { verbs: new RegExp(row.verbs), host: row.host ?? null };
    for (const name of row.modules) {
      if (name.endsWith('*')) families.push({ prefix: name.slice(0, -1), client });
      else exact.set(name, client);
    }
  }
  return { exact, families, known: new Map() };
}

const CLIENT_SINK = { sink: 'net.out', target: 'client' };

/** The sink that a call is by the library its receiver comes from, where its name says that something is handed over. */
export function clientSink(table: ClientTable, path: string): { sink: string; target: string } | undefined {
  const client = clientOf(table, path);
  if (client === null) return undefined;
  const called = path.endsWith('()') ? path.slice(0, -2) : path;
  const name = called.slice(called.lastIndexOf('.') + 1);
  const verb = name.slice(name.lastIndexOf('/') + 1);
  return client.verbs.test(verb) && !MAKES_A_CLIENT.test(verb) ? CLIENT_SINK : undefined;
}

/** What a client is made with stays in it. */
const MAKES_A_CLIENT =
  /^(?:create|add|set|update)?(?:\w*Client|Connection|Pool|PoolCluster|Cluster|Transport|Session|Instance|Agent|Channel|Api|ApiKey|Consumer|Producer|Server|Bot|App|Auth)$/;

/** The library that an API path begins with. */
function clientOf(table: ClientTable, path: string): Client | null {
  if (path.startsWith('?.')) return null;
  const head = path.length > 60 ? path.slice(0, 60) : path;
  const known = table.known.get(head);
  if (known !== undefined) return known;
  const found = find(table, head);
  if (table.known.size < 20_000) table.known.set(head, found);
  return found;
}

function find(table: ClientTable, head: string): Client | null {
  for (const name of namesOf(head)) {
    const found = table.exact.get(name) ?? table.families.find((each) => name.startsWith(each.prefix))?.client;
    if (found !== undefined) return found;
  }
  return null;
}

/** What may be the package's name at the beginning of a path: `discord.js.Client().send` may be of `discord` or of `discord.js`. */
function namesOf(head: string): string[] {
  const module = (head.split('(')[0] as string).split('/');
  const scope = module[0]?.startsWith('@') === true ? `${module.shift()}/` : '';
  const [first = '', second, third] = (module[0] ?? '').split('.');
  const names = [first];
  if (second !== undefined) names.unshift(`${first}.${second}`);
  if (third !== undefined) names.unshift(`${first}.${second}.${third}`);
  return names.map((name) => scope + name);
}

const SERVER =
  /^(?:url|uri|href|host|hostname|endpoint|servers?|brokers?|bootstrapServers|dsn|databaseURL|connectionString|nodes?|base_?url|address|prefixUrl|serverUrl|webhookUrl|remote|contactPoints|cluster)$/i;

/** The server that a client talks to: it stands in what the client is made with, or is always the same. */
export function serverOf(table: ClientTable, call: Call): string | null {
  const client = clientOf(table, call.path);
  if (client === null) return null;
  return serverAmong(call.args) ?? client.host;
}

/** The server that one of a few arguments names. */
export function serverAmong(args: readonly Value[]): string | null {
  for (const each of args.slice(0, 4)) {
    const found = serverIn(each, 0);
    if (found !== null) return found;
  }
  return null;
}

function serverIn(value: Value, depth: number): string | null {
  const shown = knownText(value);
  if (shown !== null) return serverName(shown);
  if (!(value instanceof Obj) || value.kind !== 'obj' || depth > 2) return null;
  for (const [key, slot] of value.props) {
    if (slot.kind === 'accessor') continue;
    const named = SERVER.test(key) ? firstText(slot) : null;
    if (named !== null) return serverName(named) ?? named;
  }
  for (const slot of value.props.values()) {
    const found = slot instanceof Obj && slot.kind === 'obj' ? serverIn(slot, depth + 1) : null;
    if (found !== null) return found;
  }
  return null;
}

function firstText(value: Value): string | null {
  const first = value instanceof Obj && value.elements !== null ? value.elements[0] : value;
  const shown = first === undefined ? null : knownText(first);
  return shown === null || shown === HOLE || shown.length > 500 ? null : shown;
}

/** Host, port and path of an address of any scheme; null for what is none. */
function serverName(shown: string): string | null {
  if (shown.length > 500) return null;
  if (/^(?:https?|wss?):\/\//i.test(shown)) return shown;
  const found = /^[a-z][\w+.-]*:\/\/(?:[^/@\s]*@)?(.+)$/is.exec(shown);
  if (found !== null) return found[1] as string;
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+:\d+(?:\/|$)/i.test(shown) ? shown : null;
}
