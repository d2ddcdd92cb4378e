import { z } from 'zod';

/** What of a tarball decides which lifecycle scripts npm runs. */
export interface TarballManifest {
  name: string;
  version: string;
  scripts: Record<string, string>;
  gypfile: boolean | undefined;
  /** A binding.gyp beside package.json: npm runs `node-gyp rebuild` where no install script is named. */
  hasBindingGyp: boolean;
  bin: Record<string, string>;
}

const manifestSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).optional().catch(undefined),
  gypfile: z.boolean().optional().catch(undefined),
  bin: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .catch(undefined),
});

/** Reads the script-deciding parts of a package.json's text; a broken one has no scripts. */
export function parseManifest(text: string): Omit<TarballManifest, 'hasBindingGyp'> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    json = {};
  }
  const parsed = manifestSchema.safeParse(json);
  const manifest = parsed.success ? parsed.data : {};
  const bin =
    typeof manifest.bin === 'string'
      ? { [(manifest.name ?? '').replace(/^@[^/]+\//, '')]: manifest.bin }
      : onlyStrings(manifest.bin);
  return {
    name: manifest.name ?? '(unnamed)',
    version: manifest.version ?? '',
    scripts: onlyStrings(manifest.scripts),
    gypfile: manifest.gypfile,
    bin,
  };
}

function onlyStrings(record: Record<string, unknown> | undefined): Record<string, string> {
  const entries = Object.entries(record ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}
