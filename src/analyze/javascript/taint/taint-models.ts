import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, SafeInstallError } from '../../../errors.js';
import { checkedAtBuild, parseYaml } from '../../../yaml-text.js';
import { type ClientTable, clientTable } from '../outside/clients.js';

const apis = z.array(z.string().min(1)).default([]);
const regexes = z.array(z.string().min(1));

const sinksFile = z.strictObject({
  version: z.literal(1),
  sinks: z.array(z.strictObject({ sink: z.string(), target: z.string(), apis: z.array(z.string()) })).default([]),
  monkeypatch: apis,
  clients: z
    .array(z.strictObject({ verbs: z.string().min(1), host: z.string().optional(), modules: z.array(z.string()) }))
    .default([]),
  bareNames: z
    .array(z.strictObject({ name: z.string(), sink: z.string(), sure: z.boolean().default(false) }))
    .default([]),
});
const sourcesFile = z.strictObject({
  version: z.literal(1),
  apis: z
    .array(
      z.strictObject({
        source: z.string(),
        mark: z.boolean().default(false),
        read: z.boolean().default(false),
        apis: z.array(z.string()),
      }),
    )
    .default([]),
  guards: z.array(z.strictObject({ kind: z.string(), sources: z.array(z.string()) })).default([]),
  env: z.array(z.strictObject({ source: z.string(), kind: z.string().optional(), names: regexes })).default([]),
  symbols: z.array(z.strictObject({ text: z.string(), apis, env: apis })).default([]),
  files: z.array(z.strictObject({ source: z.string(), paths: regexes })).default([]),
  commands: z.array(z.strictObject({ source: z.string(), patterns: regexes })).default([]),
  urls: z.array(z.strictObject({ source: z.string(), patterns: regexes })).default([]),
  params: z.array(z.strictObject({ source: z.string(), names: regexes })).default([]),
  paramFields: z
    .array(
      z.strictObject({ source: z.string(), of: z.string().optional(), within: z.string().optional(), names: regexes }),
    )
    .default([]),
  handed: z.array(z.strictObject({ source: z.string(), of: z.string(), names: regexes })).default([]),
  hooks: z.array(z.strictObject({ source: z.string(), methods: regexes, params: regexes })).default([]),
  uses: z
    .array(z.strictObject({ at: z.number().int(), given: z.string().optional(), apis: z.array(z.string()) }))
    .default([]),
});
const callback = z.string().nullable();
const propagatorsFile = z.strictObject({
  version: z.literal(1),
  through: z.array(z.strictObject({ through: z.string(), apis: z.array(z.string()) })).default([]),
  clean: apis,
  callbacks: z
    .array(z.strictObject({ apis: z.array(z.string()), at: z.number().int(), params: z.array(callback) }))
    .default([]),
  held: z
    .array(
      z.strictObject({
        apis: z.array(z.string()),
        at: z.number().int(),
        names: z.string().optional(),
        params: z.array(callback),
      }),
    )
    .default([]),
  events: z
    .array(z.strictObject({ apis: z.array(z.string()), event: z.string(), params: z.array(callback) }))
    .default([]),
  responses: apis,
  aliases: z.record(z.string(), z.string()).default({}),
});

/** The schemas of rules/taint by the first word of a file's name. */
export const TAINT_SCHEMAS = { sinks: sinksFile, sources: sourcesFile, propagators: propagatorsFile };

/** A named list of patterns, first match wins. */
export interface Matcher {
  source: string;
  kind: string | null;
  /** Of a field: what it must be a field of. */
  of?: RegExp;
  /** Of a field: what it must be a field of, or what the function that reads it must be called. */
  within?: RegExp;
  patterns: RegExp[];
}

/** Which argument of a function is a secret. */
export interface KeyUse {
  at: number;
  given: RegExp | null;
}

/** Functions in fields or lists that a call is given and that run: in which argument, under which names (null: any). */
export interface Held {
  at: number;
  names: RegExp | null;
  params: (string | null)[];
}

/** The tables of rules/taint, ready for look-up by resolved API path. */
export interface TaintModels {
  sinks: ReadonlyMap<string, { sink: string; target: string }>;
  sources: ReadonlyMap<string, { source: string; mark: boolean; read: boolean }>;
  through: ReadonlyMap<string, string>;
  clean: ReadonlySet<string>;
  callbacks: ReadonlyMap<string, { at: number; params: (string | null)[] }>;
  held: ReadonlyMap<string, Held>;
  events: ReadonlyMap<string, (string | null)[]>;
  responses: ReadonlySet<string>;
  aliases: ReadonlyMap<string, string>;
  monkeypatch: ReadonlySet<string>;
  bareNames: ReadonlyMap<string, { sink: string; sure: boolean }>;
  clients: ClientTable;
  guards: { kind: string; sources: string[] }[];
  env: Matcher[];
  files: Matcher[];
  commands: Matcher[];
  urls: Matcher[];
  params: Matcher[];
  paramFields: Matcher[];
  /** Fields of what others hand over: a credential of a client, what is typed into an element. */
  handed: { source: string; of: RegExp; names: RegExp }[];
  /** Methods that tools call with what their user works on. */
  hooks: { source: string; methods: RegExp; params: RegExp }[];
  /** Arguments that are secrets whatever they are called; `given` is what the first argument must be. */
  uses: ReadonlyMap<string, KeyUse>;
  symbolOfApi: ReadonlyMap<string, string>;
  symbolOfEnv: ReadonlyMap<string, string>;
}

/** Raised when a file of rules/taint cannot be read or does not fit its schema. */
export class TaintModelError extends SafeInstallError {
  constructor(file: string, problem: string, cause?: unknown) {
    super(`The taint table ${file} is not valid: ${problem}`, {
      code: 'ETAINTMODEL',
      exitCode: EXIT.config,
      where: file,
      next: ['Correct the file, or reinstall safe-install if you did not change it.'],
      cause,
    });
  }
}

/** Reads every `*.yaml` of a folder such as rules/taint; files are told apart by what they hold. @throws TaintModelError */
export function loadTaintModels(folder: string): TaintModels {
  const sinks: z.infer<typeof sinksFile>[] = [];
  const sources: z.infer<typeof sourcesFile>[] = [];
  const propagators: z.infer<typeof propagatorsFile>[] = [];
  for (const name of yamlFiles(folder)) {
    const file = join(folder, name);
    const kind = name.replace(/\.ya?ml$/, '').split('-')[0];
    if (kind === 'sinks') sinks.push(read(sinksFile, file));
    else if (kind === 'sources') sources.push(read(sourcesFile, file));
    else if (kind === 'propagators') propagators.push(read(propagatorsFile, file));
    else throw new TaintModelError(file, 'its name must begin with sinks, sources or propagators');
  }
  if (sinks.length === 0 || sources.length === 0 || propagators.length === 0) {
    throw new TaintModelError(folder, 'sinks.yaml, sources.yaml and propagators.yaml must all be there');
  }
  return {
    sinks: table(
      sinks.flatMap((file) => file.sinks),
      (row) => ({ sink: row.sink, target: row.target }),
    ),
    sources: table(
      sources.flatMap((file) => file.apis),
      (row) => ({ source: row.source, mark: row.mark, read: row.read }),
    ),
    through: table(
      propagators.flatMap((file) => file.through),
      (row) => row.through,
    ),
    clean: new Set(propagators.flatMap((file) => file.clean).flatMap(expandBraces)),
    callbacks: table(
      propagators.flatMap((file) => file.callbacks),
      (row) => ({ at: row.at, params: row.params }),
    ),
    held: table(
      propagators.flatMap((file) => file.held),
      (row) => ({
        at: row.at,
        names: row.names === undefined ? null : new RegExp(row.names),
        params: row.params,
      }),
    ),
    events: new Map(
      propagators
        .flatMap((file) => file.events)
        .flatMap((row) => row.apis.flatMap(expandBraces).map((api) => [`${api}|${row.event}`, row.params] as const)),
    ),
    responses: new Set(propagators.flatMap((file) => file.responses).flatMap(expandBraces)),
    aliases: new Map(propagators.flatMap((file) => Object.entries(file.aliases))),
    monkeypatch: new Set(sinks.flatMap((file) => file.monkeypatch).flatMap(expandBraces)),
    bareNames: new Map(
      sinks.flatMap((file) => file.bareNames).map((row) => [row.name, { sink: row.sink, sure: row.sure }]),
    ),
    clients: clientTable(sinks.flatMap((file) => file.clients)),
    guards: sources.flatMap((file) => file.guards),
    env: sources.flatMap((file) => file.env.map((row) => matcher(row.source, row.names, '', row.kind))),
    files: sources.flatMap((file) => file.files.map((row) => matcher(row.source, row.paths, ''))),
    commands: sources.flatMap((file) => file.commands.map((row) => matcher(row.source, row.patterns, 'i'))),
    urls: sources.flatMap((file) => file.urls.map((row) => matcher(row.source, row.patterns, 'i'))),
    params: sources.flatMap((file) => file.params.map((row) => matcher(row.source, row.names, 'i'))),
    handed: sources.flatMap((file) =>
      file.handed.map(({ source, of, names }) => ({ source, of: anyOf([of], 'i'), names: anyOf(names, 'i') })),
    ),
    hooks: sources.flatMap((file) =>
      file.hooks.map(({ source, methods, params }) => ({
        source,
        methods: anyOf(methods, ''),
        params: anyOf(params, 'i'),
      })),
    ),
    paramFields: sources.flatMap((file) =>
      file.paramFields.map((row) => ({
        ...matcher(row.source, row.names, 'i'),
        ...(row.of === undefined ? {} : { of: new RegExp(row.of) }),
        ...(row.within === undefined ? {} : { within: new RegExp(row.within) }),
      })),
    ),
    uses: table(
      sources.flatMap((file) => file.uses),
      (row) => ({ at: row.at, given: row.given === undefined ? null : new RegExp(row.given) }),
    ),
    symbolOfApi: new Map(
      sources.flatMap((file) =>
        file.symbols.flatMap((row) => row.apis.flatMap(expandBraces).map((api) => [api, row.text] as const)),
      ),
    ),
    symbolOfEnv: new Map(
      sources.flatMap((file) => file.symbols.flatMap((row) => row.env.map((name) => [name, row.text] as const))),
    ),
  };
}

/** The source id of the first matcher that fits, or null. */
export function matchSource(matchers: readonly Matcher[], value: string): Matcher | null {
  const cut = value.length > 4096 ? value.slice(0, 4096) : value;
  return matchers.find((each) => each.patterns.some((pattern) => pattern.test(cut))) ?? null;
}

/** Looks an API path up, exactly or by `parent.*`. */
export function lookUp<T>(map: ReadonlyMap<string, T>, path: string): T | undefined {
  const exact = map.get(path);
  if (exact !== undefined) return exact;
  const dot = path.lastIndexOf('.');
  return dot < 0 ? undefined : map.get(`${path.slice(0, dot)}.*`);
}

/** Whether a set of API paths holds this one, exactly or by `parent.*`. */
export function holds(set: ReadonlySet<string>, path: string): boolean {
  if (set.has(path)) return true;
  const dot = path.lastIndexOf('.');
  return dot >= 0 && set.has(`${path.slice(0, dot)}.*`);
}

function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  const close = pattern.indexOf('}', open);
  if (open < 0 || close < 0) return [pattern];
  const [head, tail] = [pattern.slice(0, open), pattern.slice(close + 1)];
  return pattern
    .slice(open + 1, close)
    .split(',')
    .flatMap((part) => expandBraces(`${head}${part.trim()}${tail}`));
}

function table<R extends { apis: string[] }, T>(rows: readonly R[], value: (row: R) => T): Map<string, T> {
  const out = new Map<string, T>();
  for (const row of rows) for (const api of row.apis.flatMap(expandBraces)) out.set(api, value(row));
  return out;
}

function matcher(source: string, patterns: readonly string[], flags: string, kind?: string): Matcher {
  return { source, kind: kind ?? null, patterns: patterns.map((pattern) => new RegExp(pattern, flags)) };
}

function anyOf(patterns: readonly string[], flags: string): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'), flags);
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    throw new TaintModelError(folder, 'the folder cannot be read', error);
  }
}

function read<T extends z.ZodType>(schema: T, file: string): z.infer<T> {
  const text = readText(file);
  const known = checkedAtBuild(text);
  if (known !== undefined) return known as z.infer<T>;
  const result = schema.safeParse(parsed(text, file));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new TaintModelError(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit the schema'}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TaintModelError(file, error instanceof Error ? error.message : 'cannot be read', error);
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new TaintModelError(file, error instanceof Error ? error.message : 'not YAML', error);
  }
}
