import { existsSync } from 'node:fs';
import { probeSandbox } from '../sandbox/index.js';
import { SANDBOX_EXEC } from '../sandbox/seatbelt/index.js';
import type { Check } from './check.js';
import { programCheck, seccompCheck } from './machine-checks.js';

/** What this machine has for confining scripts. */
export async function sandboxChecks(platform: NodeJS.Platform = process.platform): Promise<Check[]> {
  if (platform === 'darwin') return [seatbeltCheck()];
  return linuxChecks(await probeSandbox());
}

/** Turns what was probed into checks; obstacles bring their remedies. */
export function linuxChecks(probe: Awaited<ReturnType<typeof probeSandbox>>): Check[] {
  const { bwrap, version, namespaces, nested, setpriv, prlimit, obstacles } = probe;
  const about = (pattern: RegExp) => obstacles.filter(({ what }) => pattern.test(what));
  const missing = about(/not installed/);
  const others = obstacles.filter((obstacle) => !missing.includes(obstacle));
  return [
    {
      id: 'bubblewrap',
      title: 'bubblewrap',
      status: bwrap === null ? 'failure' : 'ok',
      found: bwrap === null ? 'not installed' : `${version ?? 'unknown version'} at ${bwrap}`,
      remedies: bwrap === null ? obstacles.map(({ remedy }) => remedy) : [],
    },
    {
      id: 'user-namespaces',
      title: 'User namespaces',
      status: namespaces ? 'ok' : 'failure',
      found: namespaces ? 'can be made' : bwrap === null ? 'not tried' : others.map(({ what }) => what).join('; '),
      remedies: namespaces || bwrap === null ? [] : others.map(({ remedy }) => remedy),
    },
    {
      id: 'nested-sandbox',
      title: 'Sandbox inside a sandbox',
      status: nested ? 'ok' : namespaces ? 'warning' : 'failure',
      found: nested ? 'works' : namespaces ? 'refused: only the basic level can be had' : 'not tried',
      remedies: nested || !namespaces ? [] : obstacles.map(({ remedy }) => remedy),
    },
    toolCheck('setpriv', setpriv, 'only the basic level can be had'),
    toolCheck('prlimit', prlimit, 'only the basic level can be had'),
    seccompCheck(),
    programCheck('strace', '--trace shows less', 'Install strace to trace scripts: apt install strace'),
  ];
}

function toolCheck(name: string, file: string | null, without: string): Check {
  return {
    id: name,
    title: name,
    status: file === null ? 'warning' : 'ok',
    found: file ?? `not installed: ${without}`,
    remedies: file === null ? ['Install util-linux.'] : [],
  };
}

function seatbeltCheck(): Check {
  const there = existsSync(SANDBOX_EXEC);
  return {
    id: 'sandbox-exec',
    title: 'sandbox-exec',
    status: there ? 'ok' : 'failure',
    found: there ? SANDBOX_EXEC : 'missing',
    remedies: there ? [] : ['It is part of macOS: restore it.'],
  };
}
