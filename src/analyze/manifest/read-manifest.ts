import { z } from 'zod';
import type { Fact } from '../observation.js';
import { archiveFact, type PackageFiles, textOf } from '../package-files.js';

const text = z.string().optional().catch(undefined);
const textMap = z
  .record(z.string(), z.unknown())
  .transform((map) =>
    Object.fromEntries(Object.entries(map).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  )
  .catch({});

const manifestSchema = z.object({
  name: z.string().catch(''),
  version: z.string().catch(''),
  description: text,
  type: text,
  scripts: textMap.default({}),
  main: text,
  module: text,
  browser: z.unknown().optional(),
  exports: z.unknown().optional(),
  imports: z.unknown().optional(),
  bin: z.unknown().optional(),
  man: z.unknown().optional(),
  directories: textMap.default({}),
  gypfile: z.unknown().optional(),
  config: z.record(z.string(), z.unknown()).catch({}).default({}),
  dependencies: textMap.default({}),
  optionalDependencies: textMap.default({}),
  peerDependencies: textMap.default({}),
  overrides: z.unknown().optional(),
  repository: z.unknown().optional(),
  bundleDependencies: z.unknown().optional(),
  bundledDependencies: z.unknown().optional(),
});

/** The fields of package.json that decide what runs; anything of a wrong type counts as absent, as for npm. */
export type Manifest = z.infer<typeof manifestSchema> & {
  raw: Record<string, unknown>;
  /** Text of package.json as it stands, for line numbers. */
  text: string;
  /** Path of the file inside the tarball. */
  path: string;
};

/** Reads `<root>/package.json`; what is wrong with it is a fact, never an exception. */
export function readManifest(files: PackageFiles, root = ''): { manifest: Manifest; problems: Fact[] } {
  const path = root === '' ? 'package.json' : `${root}/package.json`;
  const bytes = files.files.get(path);
  const problems: Fact[] = [];
  let raw: Record<string, unknown> = {};
  const source = bytes === undefined ? '' : textOf(bytes);
  if (bytes === undefined) {
    problems.push(archiveFact('manifest.missing', 'there is no package.json', path));
  } else {
    try {
      const value: unknown = JSON.parse(source);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) raw = { ...value };
      else problems.push(archiveFact('manifest.unreadable', 'package.json is not an object', path));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'not JSON';
      problems.push(archiveFact('manifest.unreadable', `package.json cannot be read: ${why}`, path));
    }
  }
  return { manifest: { ...manifestSchema.parse(raw), raw, text: source, path }, problems };
}
