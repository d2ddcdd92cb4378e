import { createRequire, Module } from 'node:module';

const require = createRequire(import.meta.url);
/** Modules whose members samples look up by what their names are like; large ones are wrapped member by member, and left out. */
const MODULES: ReadonlySet<string> = new Set(
  'child_process module vm http https http2 net tls dgram dns worker_threads'.split(' '),
);
const PROTOTYPES: Readonly<Record<string, object>> = {
  'Function.prototype': Function.prototype,
  'Object.prototype': Object.prototype,
  'module.constructor.prototype': Module.prototype,
  'module.Module.prototype': Module.prototype,
  'module.prototype': Module.prototype,
};
const known = new Map<string, readonly string[] | null>();

/** Names of the members of something of Node or the language, by its path; null where they are not known. */
export function builtinMembers(path: string): readonly string[] | null {
  let names = known.get(path);
  if (names === undefined) {
    const from = MODULES.has(path) ? (require(path) as object) : PROTOTYPES[path];
    names = from === undefined ? null : Object.getOwnPropertyNames(from);
    if (names !== null || known.size < 1_000) known.set(path, names);
  }
  return names;
}
