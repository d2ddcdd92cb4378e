import type { FlagSpec, FlagValues } from './flags.js';

/** Flags by which a person gives scripts more than the default. */
export const GRANT_FLAGS: Record<string, FlagSpec> = {
  host: {
    type: 'strings',
    value: '<host>',
    summary: 'Let its scripts connect to this host (port 443); may be repeated',
  },
  write: { type: 'strings', value: '<folder>', summary: 'Let its scripts write this folder; may be repeated' },
  read: { type: 'strings', value: '<path>', summary: 'Let its scripts read this file or folder; may be repeated' },
  env: { type: 'strings', value: '<name>', summary: 'Let its scripts see this environment variable; may be repeated' },
};

/** What the flags give, as a policy file and safe-install.lock keep it; null where there are none. */
export interface GivenGrant {
  hosts?: string[];
  writable?: string[];
  readable?: string[];
  env?: string[];
}

/** Reads the grant flags. */
export function givenGrant(flags: FlagValues): GivenGrant | null {
  const given: [keyof GivenGrant, string[]][] = [
    ['hosts', flags.strings('host')],
    ['writable', flags.strings('write')],
    ['readable', flags.strings('read')],
    ['env', flags.strings('env')],
  ];
  const named = given.filter(([, values]) => values.length > 0);
  return named.length === 0 ? null : Object.fromEntries(named);
}
