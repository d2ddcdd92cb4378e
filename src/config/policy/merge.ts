import { dirname, resolve } from 'node:path';
import type { Policy, PolicyFile } from './schema.js';
import { TEMPLATES } from './templates.js';

/** Lays one policy file over what weaker files said: values replace, lists and tables grow. Paths become absolute. */
export function merge(weaker: Policy, file: PolicyFile, path: string): Policy {
  const start = file.extends === undefined ? weaker : lay(weaker, TEMPLATES[file.extends], path);
  return { ...lay(start, file, path), sources: [...weaker.sources, path] };
}

function lay(weaker: Policy, file: PolicyFile, path: string): Policy {
  const absolute = (relative: string) => resolve(dirname(path.replace(/#.*$/, '')), relative);
  const { sandbox } = file;
  return {
    ...weaker,
    thresholds: { ...weaker.thresholds, ...defined(file.thresholds ?? {}) },
    scripts: file.scripts ?? weaker.scripts,
    onReview: file.onReview ?? weaker.onReview,
    rules: [...new Set([...weaker.rules, ...(file.rules ?? []).map(absolute)])],
    sandbox: {
      require: sandbox?.require ?? weaker.sandbox.require,
      limits: { ...weaker.sandbox.limits, ...defined(sandbox?.limits ?? {}) },
      profiles: [...new Set([...weaker.sandbox.profiles, ...(sandbox?.profiles ?? [])])],
      violations: { ...weaker.sandbox.violations, ...defined(sandbox?.violations ?? {}) },
      settings: sandbox?.settings === undefined ? weaker.sandbox.settings : absolute(sandbox.settings),
    },
    grants: { ...weaker.grants, ...file.grants },
    exceptions: [...weaker.exceptions, ...(file.exceptions ?? [])],
    ignoreViolations: { ...weaker.ignoreViolations, ...file.ignoreViolations },
    verdicts: { trustedKeys: [...new Set([...weaker.verdicts.trustedKeys, ...(file.verdicts?.trustedKeys ?? [])])] },
  };
}

/** The object without keys whose value is undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
