import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { replaceFile } from '../../replace-file.js';
import { checkPolicyValue, policyFileOf } from './load.js';
import { PolicyError } from './policy-error.js';

/** A change of a policy file: what it was, what it would be. */
export interface PolicyEdit {
  file: string;
  before: string;
  after: string;
  save(): Promise<void>;
}

/**
 * Prepares a change of the project's policy file: lists grow by values they do not have. Comments and order stay; where there
 * is no policy file yet, safe-install.yaml is made. The result is checked before anything is written.
 * @throws PolicyError (exit 14) where the file is or would be invalid, or stands in package.json
 */
export function addToPolicy(projectRoot: string, additions: { path: string[]; values: string[] }[]): PolicyEdit {
  const found = policyFileOf(projectRoot);
  if (found?.includes('#')) {
    throw new PolicyError('The policy stands in package.json, which this command does not edit.', found, [
      'Move it to safe-install.yaml, or write the grant into package.json yourself.',
    ]);
  }
  const file = found ?? join(projectRoot, 'safe-install.yaml');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const after = file.endsWith('.json') ? editJson(before, additions) : editYaml(before, additions, file);
  checkPolicyValue(file.endsWith('.json') ? JSON.parse(after) : parseDocument(after).toJS(), file);
  return { file, before, after, save: () => replaceFile(file, after) };
}

type Addition = { path: string[]; values: string[] };

function editYaml(text: string, additions: Addition[], file: string): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new PolicyError(`The policy file is no YAML: ${error.message}`, file, []);
  for (const { path, values } of additions) {
    const present = document.getIn(path) === undefined ? [] : listOf(document.toJS(), path);
    if (present.length === 0) document.setIn(path, document.createNode([...values]));
    else for (const value of values) if (!present.includes(value)) document.addIn(path, value);
  }
  return document.toString();
}

function editJson(text: string, additions: Addition[]): string {
  const value = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  for (const { path, values } of additions) {
    let table = value;
    for (const key of path.slice(0, -1)) {
      table[key] ??= {};
      table = table[key] as Record<string, unknown>;
    }
    table[path.at(-1)!] = [...new Set([...listOf(value, path), ...values])];
  }
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? '  ';
  return `${JSON.stringify(value, null, indent)}\n`;
}

function listOf(value: unknown, path: string[]): string[] {
  let at = value;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return Array.isArray(at) ? (at as string[]) : [];
}
