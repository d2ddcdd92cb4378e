import semver from 'semver';
import { z } from 'zod';

const host = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a host name in lower case, or *.name');
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');
const folder = z
  .string()
  .regex(/^(~\/|\/|[^/~.])/, 'must be absolute, start with ~/ or be relative to the project')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..');
const sentence = z.string().trim().min(3);

/** One file of rules/profiles: what the install script of a well-known package needs beyond the default. */
export const profileSchema = z.strictObject({
  /** The same as the file's name without `.yaml`. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower case letters, digits and dashes'),
  /** Names of the packages that it is for. */
  packages: z.array(z.string().min(1)).min(1),
  /** Versions that it is for; all where it is missing. */
  versions: z
    .string()
    .refine((range) => semver.validRange(range) !== null, 'must be a semver range')
    .optional(),
  /** Versions that it was made from, in words. */
  tested: z.string().optional(),
  /** What the script does, for the person who decides. */
  why: sentence,
  hosts: z.array(host).default([]),
  /** Folders that it writes besides its own: absolute, `~/…` or relative to the project. */
  writes: z.array(folder).default([]),
  /** Variables set for the script, so that it uses these folders; `~` is the user's home. */
  set: z.record(variable, z.string()).default({}),
  /** Variables of the installer that pass through. */
  env: z.array(variable).default([]),
  /** Caches that packages share: `real` keeps them in their place, `private` leaves them in the sandbox's own home. */
  caches: z.array(z.strictObject({ path: folder, keep: z.enum(['real', 'private']), why: sentence })).default([]),
  /** What happens without the grant: the script `fails`, `degrades` (ends well, something is missing) or `nothing`. */
  without: z.strictObject({
    outcome: z.enum(['fails', 'degrades', 'nothing']),
    means: sentence,
    /** What to do that needs no grant. */
    instead: sentence.optional(),
  }),
  note: sentence.optional(),
});

export type Profile = z.output<typeof profileSchema>;
