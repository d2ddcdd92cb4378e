import { z } from 'zod';

const DOMAIN = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?(:\d{1,5})?$/i;
const domain = z.string().regex(DOMAIN, 'must be a host name or *.name, with :port where it is not 443');
const deniedDomain = z
  .string()
  .regex(new RegExp(`^\\*(:\\d{1,5})?$|${DOMAIN.source}`, 'i'), 'must be a host name, *.name or *');

/** A path as people write it: absolute, `~`, relative to the project, a glob; or marked as no glob. */
const path = z.union([z.string().min(1), z.strictObject({ path: z.string().min(1), literal: z.literal(true) })]);

/** Settings in the format of Anthropic's sandbox-runtime (srt): the keys that have a meaning here; others are refused. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  network: z
    .strictObject({
      allowedDomains: z.array(domain).default([]),
      deniedDomains: z.array(deniedDomain).default([]),
      allowUnixSockets: z.array(z.string().min(1)).default([]),
      allowLocalBinding: z.boolean().default(false),
    })
    .prefault({}),
  filesystem: z
    .strictObject({
      denyRead: z.array(path).default([]),
      allowRead: z.array(path).default([]),
      allowWrite: z.array(path).default([]),
      denyWrite: z.array(path).default([]),
    })
    .prefault({}),
  ignoreViolations: z.record(z.string().min(1), z.array(z.string().min(1))).default({}),
  mandatoryDenySearchDepth: z.number().int().min(1).max(10).default(3),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingsPath = z.output<typeof path>;
