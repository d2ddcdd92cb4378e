import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { manifestPolicyValue, type PolicySources, projectPolicyFiles, userPolicyFiles } from './find.js';
import { merge } from './merge.js';
import { PolicyError } from './policy-error.js';
import { type Policy, type PolicyFile, policyFileSchema } from './schema.js';
import { BASE } from './templates.js';

/**
 * Reads and merges the policy: template, user-level file, then the project's file (or the one of --policy).
 * @throws PolicyError (exit 14) naming file, path in it and what is allowed; also for an expired exception
 */
export function readPolicy(sources: PolicySources): Policy {
  const files = [...onlyOne(userPolicyFiles(sources.env)).map(readPolicyFile), ...projectFiles(sources)];
  const policy = files.reduce((merged, { file, value }) => merge(merged, value, file), {
    ...BASE,
    sources: [] as string[],
  });
  checkThresholds(policy, files.at(-1)?.file ?? 'defaults');
  checkExpiry(policy, files, sources.today);
  return policy;
}

interface LoadedFile {
  file: string;
  value: PolicyFile;
}

function projectFiles({ projectRoot, file, cwd }: PolicySources): LoadedFile[] {
  if (file !== undefined) {
    const path = resolve(cwd, file);
    if (!existsSync(path))
      throw new PolicyError('The policy file does not exist.', path, ['Check the path after --policy.']);
    return [readPolicyFile(path)];
  }
  const found = projectRoot === null ? null : policyFileOf(projectRoot);
  if (found === null) return [];
  if (!found.includes('#')) return [readPolicyFile(found)];
  return [{ file: found, value: checkPolicyValue(manifestPolicyValue(found), found) }];
}

/** The project's policy file, `<package.json>#safe-install`, or null. @throws PolicyError where there is more than one */
export function policyFileOf(projectRoot: string): string | null {
  return onlyOne(projectPolicyFiles(projectRoot))[0] ?? null;
}

function onlyOne(files: string[]): string[] {
  if (files.length > 1) {
    throw new PolicyError('There is more than one policy here, and it is not clear which one counts.', files[0]!, [
      `Keep one of: ${files.join(', ')}`,
    ]);
  }
  return files;
}

/** Reads and checks one policy file, YAML or JSON by its name. */
export function readPolicyFile(file: string): LoadedFile {
  let text: string;
  try {
    if (!statSync(file).isFile()) throw new Error('it is no regular file');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PolicyError(`The policy file cannot be read: ${(error as Error).message}`, file, []);
  }
  return {
    file,
    value: checkPolicyValue(file.endsWith('.json') ? parseJson(text, file) : parseYaml(text, file), file),
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new PolicyError(`The policy file is no JSON: ${(error as Error).message}`, file, []);
  }
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw new PolicyError(`The policy file is no YAML: ${error.message}`, file, []);
  return document.toJS() ?? {};
}

/** Checks a policy as it stands in one file. @throws PolicyError naming path and what is allowed */
export function checkPolicyValue(value: unknown, file: string): PolicyFile {
  const result = policyFileSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(describeIssue);
  throw new PolicyError(`The policy is not valid: ${problems[0]}`, file, [
    ...problems.slice(1, 6).map((problem) => `Also: ${problem}`),
    'All keys and values: safe-install policy schema, or docs/policy.md',
  ]);
}

/** One zod issue in words: path, what is wrong, what is allowed. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? '(top level)' : issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(issue.path);
    return `${path}: unknown key ${issue.keys.join(', ')}${allowed === null ? '' : `; allowed: ${allowed.join(', ')}`}`;
  }
  return `${path}: ${issue.message}`;
}

function keysAt(path: PropertyKey[]): string[] | null {
  let schema: unknown = policyFileSchema;
  for (const step of path) {
    schema = unwrap(schema);
    const { shape, element, valueType } = schema as {
      shape?: Record<PropertyKey, unknown>;
      element?: unknown;
      valueType?: unknown;
    };
    schema = shape?.[step] ?? element ?? valueType;
    if (schema === undefined) return null;
  }
  const { shape } = unwrap(schema) as { shape?: object };
  return shape === undefined ? null : Object.keys(shape);
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { unwrap?: () => unknown; element?: unknown; shape?: unknown };
  while (inner.shape === undefined && inner.element === undefined && typeof inner.unwrap === 'function') {
    inner = inner.unwrap() as typeof inner;
  }
  return inner;
}

function checkThresholds({ thresholds }: Policy, file: string): void {
  if (thresholds.review > thresholds.block) {
    throw new PolicyError(
      `The policy is not valid: thresholds.review (${thresholds.review}) is above thresholds.block (${thresholds.block}).`,
      file,
      ['Review must start at or below block.'],
    );
  }
}

function checkExpiry(policy: Policy, files: LoadedFile[], today: Date): void {
  const day = today.toISOString().slice(0, 10);
  const expired = policy.exceptions.filter(({ expires }) => expires < day);
  if (expired.length === 0) return;
  const first = expired[0]!;
  const file = files.find(({ value }) =>
    value.exceptions?.some((exception) => exception.package === first.package && exception.expires === first.expires),
  );
  throw new PolicyError(
    `The exception for ${first.package} ended on ${first.expires} (reason: ${first.reason}).`,
    file?.file ?? dirname('.'),
    [
      'Look at it again: remove it, or set a new date after `expires`.',
      ...expired.slice(1).map((other) => `Also expired: ${other.package} on ${other.expires}`),
    ],
  );
}
