import type { LifecycleEvent, LifecycleManifest, PackageSourceKind } from '../model.js';

/** A lifecycle script that npm would run for a package. */
export interface LifecycleScript {
  event: LifecycleEvent;
  command: string;
  /** True for `node-gyp rebuild`, which npm runs for a bare binding.gyp. */
  implicit: boolean;
}

/** What npm runs for a bare binding.gyp. */
export const IMPLICIT_GYP = 'node-gyp rebuild';

const REGISTRY_EVENTS: LifecycleEvent[] = ['preinstall', 'install', 'postinstall'];

/**
 * The lifecycle scripts npm runs for a package, in order: of the registry's packages the three install events, of git
 * dependencies, folders and links `prepare`, too.
 */
export function scriptsOf(source: PackageSourceKind, manifest: LifecycleManifest): LifecycleScript[] {
  const { scripts, gypfile, hasBindingGyp } = manifest;
  const events: LifecycleEvent[] =
    source === 'git' || source === 'directory' || source === 'workspace'
      ? ['preinstall', 'prepare', 'install', 'postinstall']
      : REGISTRY_EVENTS;
  const named = events.flatMap((event) => {
    const command = scripts[event];
    return command ? [{ event, command, implicit: false }] : [];
  });
  const gyp = hasBindingGyp && gypfile !== false && !scripts['install'] && !scripts['preinstall'];
  if (!gyp) {
    return named;
  }
  const implicit: LifecycleScript = { event: 'install', command: IMPLICIT_GYP, implicit: true };
  const at = named.findIndex(({ event }) => event === 'postinstall');
  return at < 0 ? [...named, implicit] : [...named.slice(0, at), implicit, ...named.slice(at)];
}
