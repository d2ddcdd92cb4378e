import type { Guard } from './observation.js';

const KINDS: readonly (readonly [string, RegExp])[] = [
  ['ci', /\bCI\b|GITHUB_ACTIONS|RUNNER_|JENKINS|TRAVIS|GITLAB_CI|BUILD_(?:ID|NUMBER)|CIRCLECI/],
  ['hostname', /hostname|HOSTNAME|COMPUTERNAME|USERDOMAIN/],
  ['user', /whoami|\bUSER(?:NAME)?\b|LOGNAME|\bid -u/],
  ['locale', /\bLANG\b|LC_ALL|\bTZ\b|locale|timedatectl/],
  ['date', /\bdate\b|Get-Date|datetime/],
  ['random', /RANDOM|random/],
  ['platform', /uname|OSTYPE|process\.platform|ver\b|%OS%|platform/],
  ['file-exists', /\s-[efdrsx]\s|exist|test -|Test-Path/],
];

/** Classifies a condition of a shell-like language by what it looks at. */
export function guardOf(text: string, line: number): Guard {
  const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
  return { kind, text: text.trim().slice(0, 160), line };
}
