import type { Recall } from '../gate.js';
import type { KnownTree } from './known-tree.js';

/** What the gate need not find out again: the scripts of the same bytes, and the version that they were compared with. */
export function recallOf({ scripts, compared }: Pick<KnownTree, 'scripts' | 'compared'>): Recall {
  return {
    scripts: ({ location }) => scripts[location] ?? [],
    versionBefore: (scanner, find) => async (node) => {
      const known = compared[node.location];
      if (known === undefined || known === null) return known === null ? null : find(node);
      const { name, source } = node;
      const { version, integrity } = known;
      const verdict = scanner.cached?.({ kind: 'tarball', file: '', integrity, source, name, version }) ?? null;
      // It may have been installed then; now this machine has had it before.
      return verdict === null ? find(node) : { version, integrity, from: 'cache', verdict };
    },
  };
}
