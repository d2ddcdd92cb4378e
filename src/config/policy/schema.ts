import { z } from 'zod';

const positive = z.number().int().positive();
const score = z.number().int().min(1).max(100);
const packageKey = z
  .string()
  .regex(/^(@[^/@\s]+\/)?[^/@\s]+(@[^\s]+)?$/, 'must be a package: name or name@version')
  .describe('`name` or `name@version`');
const host = z
  .string()
  .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i, 'must be a host name, or *.name')
  .describe('Host name, or `*.name` for every host below it');

/** Upper bounds of one script. */
export const limitsSchema = z
  .strictObject({
    wallMs: positive.describe('Milliseconds a script may take'),
    cpuSeconds: positive.describe('Seconds of processor time of one process'),
    processes: positive.describe('Processes at the same time'),
    memoryBytes: positive.describe('Memory in bytes'),
    fileBytes: positive.describe('Size of one written file in bytes'),
    writtenBytes: positive.describe('Bytes written in all'),
    openFiles: positive.describe('Open files of one process'),
  })
  .partial();

/** What a script may do besides the default: part of the policy file and of an approval. */
export const grantSchema = z
  .strictObject({
    writable: z
      .array(z.string().min(1))
      .describe('Folders that may be written besides the package’s own: absolute, `~/…`, or relative to the project'),
    readable: z
      .array(z.string().min(1))
      .describe('Files or folders that may be read besides toolchain and node_modules; paths as above'),
    hosts: z.array(host).describe('Hosts besides the registries, port 443'),
    env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).describe('Environment variables that pass through'),
    limits: limitsSchema.describe('Limits that differ from the default'),
  })
  .partial();

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date: YYYY-MM-DD')
  .refine((text) => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text), 'is no day of the calendar');

const exceptionSchema = z.strictObject({
  package: packageKey.describe('The package whose findings do not count'),
  rules: z.array(z.string().min(1)).default([]).describe('Rule ids that are excepted; empty for all'),
  reason: z.string().trim().min(1).describe('Why this is right, for those who come later'),
  expires: day.describe(
    'Last day it holds, `YYYY-MM-DD` (UTC); after it the policy is invalid (exit 14) until somebody looks again',
  ),
});

const consequence = z.enum(['report', 'kill']);

const sandboxSchema = z.strictObject({
  require: z
    .enum(['full', 'basic'])
    .describe('Lowest step of the sandbox that is good enough; below it no script runs (exit 13)'),
  limits: limitsSchema.describe('Limits of every script that differ from the built-in ones'),
  profiles: z.array(z.string().min(1)).describe('Profiles of rules/profiles that apply, by name'),
  violations: z
    .strictObject({
      canary: consequence.describe('A planted credential was seen leaving'),
      'decoy-then-network': consequence.describe('A planted credential was read, and then a connection was tried'),
      'protected-path': consequence.describe('A protected path was written'),
    })
    .partial()
    .describe('What a violation leads to; by default each kills the script and rolls the tree back'),
  settings: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Settings file in the format of sandbox-runtime (srt), relative to this file; its rules apply to every script',
    ),
});

/** The policy file: `safe-install.yaml`, `safe-install.json`, or `safe-install` in package.json. */
export const policyFileSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors; not used'),
  extends: z
    .enum(['base', 'development', 'strict'])
    .optional()
    .describe('Built-in template that this file starts from'),
  thresholds: z
    .strictObject({
      review: score.describe('Score from which a person must look'),
      block: score.describe('Score from which nothing is installed'),
    })
    .partial()
    .optional()
    .describe('Scores (1–100) at which a verdict changes'),
  scripts: z
    .enum(['run', 'approved-only'])
    .optional()
    .describe(
      '`run`: scripts of allowed packages run in the sandbox. `approved-only`: only scripts that somebody approved',
    ),
  onReview: z
    .enum(['ask', 'fail'])
    .optional()
    .describe('`ask`: ask at a terminal, else exit 11. `fail`: always exit 11'),
  rules: z.array(z.string().min(1)).optional().describe('Folders with rules of your own, relative to this file'),
  sandbox: sandboxSchema.partial().optional().describe('The sandbox of lifecycle scripts'),
  grants: z
    .record(packageKey, grantSchema)
    .optional()
    .describe('What the scripts of a package may do besides the default; `name@version` wins over `name`'),
  exceptions: z.array(exceptionSchema).optional().describe('Findings that do not count, each with reason and expiry'),
  ignoreViolations: z
    .record(packageKey, z.array(z.string().min(1)))
    .optional()
    .describe('Violations that are only counted: path or host patterns by package; `*` for all packages'),
  verdicts: z
    .strictObject({
      trustedKeys: z
        .array(z.string().regex(/^ed25519:[A-Za-z0-9+/]{43}=$/, 'must be ed25519:<32 bytes in base64>'))
        .describe('Public keys whose imported verdicts count here; `safe-install cache key` makes a pair'),
    })
    .partial()
    .optional()
    .describe('Verdicts that others have made'),
});

/** The policy as it stands in one file. */
export type PolicyFile = z.infer<typeof policyFileSchema>;

/** The policy after templates, user and project files were merged: nothing is optional any more. */
export interface Policy {
  thresholds: { review: number; block: number };
  scripts: 'run' | 'approved-only';
  onReview: 'ask' | 'fail';
  /** Absolute paths. */
  rules: string[];
  sandbox: {
    require: 'full' | 'basic';
    limits: z.infer<typeof limitsSchema>;
    profiles: string[];
    violations: { [Kind in 'canary' | 'decoy-then-network' | 'protected-path']?: 'report' | 'kill' };
    /** Absolute path. */
    settings: string | null;
  };
  grants: Record<string, z.infer<typeof grantSchema>>;
  exceptions: z.infer<typeof exceptionSchema>[];
  ignoreViolations: Record<string, string[]>;
  verdicts: { trustedKeys: string[] };
  /** Files that it was made of, weakest first. */
  sources: string[];
}
