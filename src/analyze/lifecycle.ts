import { parseManifest } from '../fetch/parse-manifest.js';
import type { LifecycleEvent, Verdict } from '../model.js';
import { type PackageFiles, textOf } from './package-files.js';

const EVENTS: readonly LifecycleEvent[] = ['preinstall', 'install', 'postinstall', 'prepare'];

/**
 * What decides a package's lifecycle scripts, for its verdict: an install that goes by the verdict need not unpack the tarball once more
 * for it. Empty where there are none, and where npm's extraction could find other files than these.
 */
export function lifecycleOf(files: PackageFiles): Pick<Verdict, 'lifecycle'> {
  if (!files.plain) return {};
  const text = files.files.get('package.json');
  const { scripts, gypfile } = parseManifest(text === undefined ? '{}' : textOf(text));
  const own = Object.fromEntries(Object.entries(scripts).filter(([event]) => EVENTS.some((each) => each === event)));
  const hasBindingGyp = files.files.has('binding.gyp');
  if (!hasBindingGyp && Object.keys(own).length === 0) return {};
  return { lifecycle: { scripts: own, ...(gypfile === undefined ? {} : { gypfile }), hasBindingGyp } };
}
