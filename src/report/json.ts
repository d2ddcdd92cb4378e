import { z } from 'zod';
import type { InstallReport } from '../model.js';
import { visible } from './visible.js';

const action = z.enum(['allow', 'review', 'block']);

const sliceSchema = z.object({
  steps: z.array(
    z.object({
      role: z.enum(['source', 'step', 'guard', 'decoder', 'sink']),
      file: z.string().describe('Path inside the package'),
      line: z.number().int().describe('1-based'),
      column: z.number().int().describe('0-based'),
      note: z.string().describe('What this step does, in few words'),
    }),
  ),
  frame: z.string().describe('The few lines that matter, numbered, ready to be shown'),
});

const findingSchema = z.object({
  rule: z.string(),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  phase: z.enum(['install', 'import', 'bin', 'metadata']).describe('When the code runs'),
  file: z.string().describe('Path inside the package'),
  line: z.number().int().describe('1-based; 0 where it is about the whole file or package'),
  message: z.string(),
  slice: sliceSchema.nullable(),
  weight: z.number().describe('Points it brings to the score before combination'),
  family: z.string().describe('Of the findings of one family the heaviest counts'),
  unasked: z
    .boolean()
    .describe('False for code that runs only when somebody calls it, or that is spread over a large program'),
  floor: action.nullable().describe('The least that is said of the package whatever the score'),
  guards: z.array(z.string()).describe('Conditions under which the code runs'),
});

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  location: z.string().describe('Path in the tree, e.g. `node_modules/a`'),
  resolved: z.string().nullable(),
  integrity: z.string().nullable().describe('Subresource integrity of the tarball'),
  source: z.enum(['registry', 'git', 'remote', 'file', 'directory', 'workspace', 'bundled', 'root']),
  optional: z.boolean(),
  dev: z.boolean(),
  requestedBy: z.array(z.string()).describe('Dependents, nearest first; `(project)` is the project itself'),
  verdict: z.object({ action, score: z.number().min(0).max(100), fromCache: z.boolean() }),
  decision: z
    .object({
      action,
      runScripts: z.boolean(),
      approval: z.enum(['approved', 'denied', 'unreviewed']),
      reason: z.string(),
    })
    .nullable(),
  findings: z.array(findingSchema),
  comparedWith: z
    .object({
      version: z.string(),
      from: z.enum(['installed', 'cache']).describe('`cache`: not installed, but known to this machine'),
    })
    .optional()
    .describe('The version before that it was compared with; absent where there was none, or nothing to compare'),
});

const scriptSchema = z.object({
  package: z.string().describe('`name@version`'),
  location: z.string(),
  event: z.string(),
  command: z.string(),
  exitCode: z.number().int().nullable().describe('null when a signal or a limit ended it'),
  signal: z.string().nullable(),
  ms: z.number(),
  sandbox: z.enum(['full', 'basic', 'seatbelt', 'none']).describe('`none` only for scripts of the project itself'),
  output: z.string().describe('stdout and stderr together, the end where it was long'),
  limit: z.string().nullable().describe('The limit that ended it'),
  violation: z.string().optional().describe('Set when it did what ends the install with 12: what, in words'),
  quarantine: z.string().optional().describe('Folder that keeps the package and the context of a violation'),
  metrics: z
    .object({
      startMs: z.number().describe('From the request until the script started'),
      peakMemoryBytes: z.number(),
      peakProcesses: z.number(),
      writtenBytes: z.number().describe('Bytes handed to disks'),
      attempts: z.record(z.string(), z.number()).describe('Attempts that were denied, undone or ended, by class'),
      deniedFiles: z.number().nullable().describe('Refused accesses to files; null where it was not traced'),
      privilegeAttempts: z.number().nullable().describe('Calls that the filter refused; null where it was not traced'),
    })
    .optional()
    .describe('What it used; absent where it was not confined'),
  trace: z
    .object({
      unseen: z.string().nullable().describe('Why a part or all of it could not be seen; null where everything was'),
      entries: z.array(
        z.object({
          what: z
            .enum(['read', 'write', 'make', 'look', 'run', 'connect', 'refused'])
            .describe('`make` makes a folder, `look` asks about a path, `refused` is a call that the filter refuses'),
          target: z.string().describe('Absolute path, program with arguments, address with port, or system call'),
          error: z.string().nullable().describe('Name of the error it met, e.g. `ENOENT`'),
          times: z.number().int(),
        }),
      ),
      variables: z.array(z.string()).describe('Environment variables that its command and the files it read speak of'),
    })
    .optional()
    .describe('What it did, call by call; only with --trace'),
});

const eventSchema = z.object({
  time: z.string().describe('ISO 8601'),
  package: z.string(),
  script: z.string(),
  class: z.enum(['network', 'dns', 'registry', 'decoy', 'file', 'limit', 'process', 'canary', 'bin-shadow', 'trace']),
  target: z.string(),
  action: z.enum(['allowed', 'denied', 'undone', 'killed', 'reported']),
  evidence: z.string(),
});

/** Shape of the object that `--json` prints; `schema` rises when a field changes its meaning or goes. */
export const reportSchema = z.object({
  schema: z.literal(1),
  tool: z.string().describe('`safe-install <version>`'),
  command: z.string(),
  exitCode: z.number().int(),
  dryRun: z.boolean(),
  packages: z.array(packageSchema),
  changes: z.object({ added: z.number(), removed: z.number(), changed: z.number() }),
  scripts: z.array(scriptSchema),
  events: z.array(eventSchema).describe('What the sandbox saw scripts try'),
  network: z
    .object({
      connections: z.number(),
      hosts: z
        .record(
          z.string(),
          z.object({ allowed: z.number(), denied: z.number(), sent: z.number(), received: z.number() }),
        )
        .describe('By host; bytes are those of the scripts'),
      latencyMs: z
        .object({ count: z.number(), p50: z.number(), p95: z.number() })
        .describe('From the head of a registry request to that of its answer, upstream included'),
    })
    .optional()
    .describe('What the way out of the sandbox carried; absent where no script was confined'),
  warnings: z.array(z.string()),
  error: z
    .object({ code: z.string(), message: z.string(), where: z.string().nullable(), next: z.array(z.string()) })
    .nullable(),
  timings: z.record(z.string(), z.number()).describe('Milliseconds by part; parts overlap'),
});

/** The object that `--json` prints. */
export type JsonReport = z.infer<typeof reportSchema>;

/**
 * The report as JSON text. Characters that would disturb a terminal or hide text stand as \u escapes: what a parser reads
 * is unchanged.
 */
export function jsonReport(report: InstallReport): string {
  return safeJson(reportSchema.parse(report));
}

/** Any value as indented JSON whose text is harmless to a terminal. */
export function safeJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(/[^\n\x20-\x7e]/gu, (c) => (visible(c) === c ? c : jsonEscape(c)))}\n`;
}

function jsonEscape(character: string): string {
  return [...Array(character.length).keys()]
    .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
    .join('');
}
