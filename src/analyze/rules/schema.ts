import { z } from 'zod';

const regex = z.string().min(1).refine(isRegex, { error: 'is not a regular expression' });
const ids = z.array(z.string().min(1)).min(1);

/** What is asked of an observation; every field that is there must hold. */
const callSchema = z.strictObject({
  /** Sink ids, by dotted prefix. */
  to: ids,
  api: regex.optional(),
  language: ids.optional(),
  /** The first argument: URL, path, command line. */
  target: regex.optional(),
  not_target: regex.optional(),
  /** Any argument's text. */
  arg: regex.optional(),
  not_arg: regex.optional(),
  /** Known fields of object arguments, by name. */
  fields: z.record(z.string(), regex).optional(),
  /** Indicator lists, one of which must match an argument's text or host. */
  indicators: ids.optional(),
  /** Whether the host is known, and whose: the package's own vendor's or not, the user's own package registry, or one that the readme names. */
  host: z.enum(['known', 'foreign', 'unknown', 'vendor', 'own-files', 'documented', 'address', 'registry']).optional(),
  /** The host stands nowhere in the code as it is: it was decoded or put together. */
  host_hidden: z.boolean().optional(),
  /** Indicator lists, one of which has the host that the call goes to; patterns are of hosts then. */
  host_in: ids.optional(),
  guards: ids.optional(),
  /** Guards with such a text do not count. */
  not_guard: regex.optional(),
  /** An argument's text was decoded or put together; with `constant`, and it is known as a whole. */
  decoded: z.boolean().optional(),
  constant: z.boolean().optional(),
  /** The longer lines of the text stand readable in the file, or in another one that runs. */
  readable: z.boolean().optional(),
  /** It stands in a text that is run as code, not in a file of the package. */
  nested: z.boolean().optional(),
  /** It stands in what the package writes or copies into the home folder or the system, for others to start. */
  placed: z.boolean().optional(),
  /** The entry is a program that a user starts (its first line names an interpreter), also where `main` or `exports` names it. */
  program: z.boolean().optional(),
  /** The target is the script itself. */
  self: z.boolean().optional(),
  /** Whose folder in node_modules the target lies in: this package's own, or one's that package.json names as a dependency. */
  folder_of: z.enum(['own', 'dependency']).optional(),
  unasked: z.boolean().optional(),
  /** What the host answers goes back to who called the package. */
  answered: z.boolean().optional(),
  /** What the host answers is printed, or kept in a file. */
  shown: z.boolean().optional(),
  /** False for calls of which only the name is known; by default a rule speaks of resolved ones. */
  resolved: z.boolean().optional(),
});

const flowSchema = callSchema.extend({
  /** Source ids, by dotted prefix, one of which must reach the sink. */
  from: ids,
  /** What exactly the source is. */
  detail: regex.optional(),
  not_detail: regex.optional(),
  /** Where every such source comes from: the repository that the package names as its own (`own`), addresses in such indicator lists. */
  origin: ids.optional(),
  /** The source is in what the call is about (the address, the path), not only in what it carries. */
  in_target: z.boolean().optional(),
  /** The same source goes to a host of another domain in another call. */
  apart: z.boolean().optional(),
  /** The same source goes to another host from another place, be it one that is not known. */
  besides: z.boolean().optional(),
  /** The call carries what its caller also sends, by another call, to an address that the caller names. */
  mirrored: z.boolean().optional(),
  /** It is what came by a connection to another host, whose messages the caller gets. */
  tapped: z.boolean().optional(),
  /** The package says that it talks to the official interface of a well-known service, and the host is another, which it names nowhere. */
  posed: z.boolean().optional(),
  /** The source only chose among addresses that stand in the code: nothing of it is in what is sent. */
  only_chosen: z.boolean().optional(),
  /** The source is called like the owner of the host. */
  namesake: z.boolean().optional(),
  /** Nothing else of these sources goes along: each fulfils what is asked of one. */
  every: z.boolean().optional(),
  through: ids.optional(),
  not_through: ids.optional(),
  /** It stands in a header of the request, those left out that contents, sessions and signatures are for. */
  in_header: z.boolean().optional(),
  /** Every such secret is one that the package keeps itself: it writes the file, or it is called like the package. */
  own: z.boolean().optional(),
  /** So many different things of these sources. */
  distinct: z.number().int().min(2).optional(),
});

const factSchema = z.strictObject({
  id: ids,
  detail: regex.optional(),
  not_detail: regex.optional(),
  file: regex.optional(),
  /** Whether the file is itself the entry, not one that code of an entry loads. */
  entry: z.boolean().optional(),
});

export interface CallCondition extends z.infer<typeof callSchema> {}
export interface FlowCondition extends z.infer<typeof flowSchema> {}
export interface FactCondition extends z.infer<typeof factSchema> {}

/** A condition over what the front ends saw. */
export type Condition =
  | { flow: FlowCondition }
  | { call: CallCondition }
  | { fact: FactCondition }
  | { source: { matches: string; not_file?: string | undefined } }
  | { manifest: { field: string; matches: string } }
  | { phase: string[] }
  | { extent: { files: number; bytes: number } }
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition };

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ flow: flowSchema }),
    z.strictObject({ call: callSchema }),
    z.strictObject({ fact: factSchema }),
    /** The text of a file; `not_file` leaves files out by their path. */
    z.strictObject({ source: z.strictObject({ matches: regex, not_file: regex.optional() }) }),
    z.strictObject({ manifest: z.strictObject({ field: z.string(), matches: regex }) }),
    /** The entries reach at most so much. */
    z.strictObject({ extent: z.strictObject({ files: z.number().positive(), bytes: z.number().positive() }) }),
    z.strictObject({ phase: z.array(z.enum(['install', 'import', 'bin', 'metadata'])).min(1) }),
    z.strictObject({ all: z.array(conditionSchema).min(1) }),
    z.strictObject({ any: z.array(conditionSchema).min(1) }),
    z.strictObject({ not: conditionSchema }),
  ]),
);

const points = z.number().min(0).max(100);

const id = z.string().regex(/^[a-z][a-z0-9-]+$/, 'must be words in lower case joined by hyphens');

const factor = z.number().min(0).max(1);

const separatorFields = { when: conditionSchema, factor, why: z.string().min(8) };

/** A benign separator that stands in a rule; or the id of a shared one, with a factor where this rule has its own. */
const softenSchema = z.union([
  z.strictObject(separatorFields),
  z.strictObject({ use: z.string(), factor: factor.optional() }),
]);

/** One file of rules/separators: what several rules weigh less for. */
export const separatorSchema = z.strictObject({ id, ...separatorFields });

/** One file of rules/behaviours. */
export const ruleSchema = z.strictObject({
  id,
  title: z.string().min(8),
  why: z.string().min(20),
  family: z.string().regex(/^[a-z][a-z0-9-]+$/),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  /** Points by phase; a phase that is not named gives none. */
  weight: z.strictObject({
    install: points.optional(),
    import: points.optional(),
    bin: points.optional(),
    metadata: points.optional(),
  }),
  /** Factor where the code only runs when somebody calls it. */
  asked: factor.default(0.3),
  /** The verdict is at least this, whatever the score. */
  floor: z.enum(['review', 'block']).optional(),
  /** Over what the members of `all` must agree. */
  near: z.enum(['file', 'entry', 'phase', 'package']).default('entry'),
  references: z.array(z.string()).default([]),
  when: conditionSchema,
  /** Benign separators that take the rule away from the call or fact of which they are true. */
  unless: conditionSchema.optional(),
  /** Benign separators that lower the weight of the call or fact of which they are true. */
  soften: z.array(softenSchema).default([]),
});

/** One file of rules/indicators. */
export const indicatorSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]+$/),
  title: z.string().min(4),
  /** When the list was last looked through, ISO date. */
  date: z.iso.date(),
  source: z.string().min(4),
  /** Host names; a name stands for its subdomains too. */
  hosts: z.array(z.string().min(3)).default([]),
  /** Regular expressions over argument texts. */
  patterns: z.array(regex).default([]),
});

export type RuleFile = z.infer<typeof ruleSchema>;

/** A benign separator. */
export interface Separator extends Omit<z.infer<typeof separatorSchema>, 'id'> {}

/** A rule whose shared separators are filled in. */
export interface Rule extends Omit<RuleFile, 'soften'> {
  soften: readonly Separator[];
}
export type IndicatorList = z.infer<typeof indicatorSchema>;

function isRegex(text: string): boolean {
  try {
    new RegExp(text, 'iu');
    return true;
  } catch {
    try {
      new RegExp(text, 'i');
      return true;
    } catch {
      return false;
    }
  }
}
