import type { Observation, Taint } from './observation.js';

/** Commands that say whether a password is that of this machine's user, or take it to act for them. */
const CHECKS =
  /\bdscl\b.*\s-?authonly\b|\bsudo\s+(?:-\S+\s+)*(?:-\w*S\w*|--stdin)(?=\s|$)|\bsu\s+(?:-\S*\s+)*\S+\s+-c\b|\bsecurity\s+(?:-\S+\s+)*unlock-keychain\b|\b(?:unix_chkpwd|pamtester|doas)\b|\bosascript\b.*\badministrator privileges\b|\bValidateCredentials\b|\bLogonUser\b/i;
const OF_THIS_MACHINE = 'password of this machine';

/** What was typed is the password of this machine's user where the system is asked whether it is, whatever the prompt said. */
export function markMachinePasswords(observations: readonly Observation[]): void {
  const checked = new Set(observations.filter(isCheck).flatMap((seen) => handedIn(seen).filter(isTyped).map(placeOf)));
  if (checked.size === 0) return;
  for (const seen of observations)
    seen.taints = seen.taints.map((taint) =>
      isTyped(taint) && checked.has(placeOf(taint))
        ? { ...taint, detail: `${OF_THIS_MACHINE} (${taint.detail})` }
        : taint,
    );
}

function isCheck({ sink, target }: Observation): boolean {
  return (sink === 'process.spawn' || sink === 'process.stdin') && CHECKS.test(target ?? '');
}

function handedIn({ taints, args }: Observation): Taint[] {
  return [...taints, ...args.flatMap((each) => [...each.taints, ...(each.inputTaints ?? [])])];
}

function isTyped({ source }: Taint): boolean {
  return source.startsWith('typed.');
}

function placeOf({ file, line, detail }: Taint): string {
  return `${file}:${line} ${detail}`;
}
