import { HOLE } from '../interpreter/value.js';
import type { Taints } from '../taint/taint.js';

const HOOKS_ASKED = /\bgit\b.*(?:--git-path\s+['"]?(?:\.\/)?hooks\b|\bcore\.hooksPath\b)/i;
const FOLDER_ASKED = /\bgit\b.*--(?:absolute-)?git-(?:common-)?dir\b/;
/** What git runs by itself, after a folder of which only git knows where it lies. */
const HOOK =
  /^(?:\uFFFC|(?:(?:post|pre|prepare)-[a-z-]+|commit-msg|fsmonitor-watchman|update|reference-transaction|push-to-checkout)(?:\.\w+)?)$/;
const IN_GIT_FOLDER = /^(?:hooks|info)\/|^config(?:\.worktree)?$/;
const LEADING_HOLES = new RegExp(`^(?:${HOLE}/?)+`);

/** `$PROJECT/.git/hooks/pre-push` where git was asked for the folder that a path begins with; any other path as it is. */
export function ledByGit(shown: string | null, taints: Taints): string | null {
  if (taints === null || (shown !== null && !shown.startsWith(HOLE))) return shown;
  const asked = (what: RegExp): boolean =>
    taints.some(({ source, detail }) => source === 'process.output' && what.test(detail));
  const rest = (shown ?? HOLE).replace(LEADING_HOLES, '');
  if (asked(HOOKS_ASKED) && (rest === '' || HOOK.test(rest))) return `$PROJECT/.git/hooks/${rest === '' ? HOLE : rest}`;
  return asked(FOLDER_ASKED) && IN_GIT_FOLDER.test(rest) ? `$PROJECT/.git/${rest}` : shown;
}
