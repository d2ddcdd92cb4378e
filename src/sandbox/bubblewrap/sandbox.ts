import { availableParallelism } from 'node:os';
import type { Sandbox, SandboxOptions } from '../sandbox.js';
import type { HelperOptions } from './helper/protocol.js';
import type { Starters } from './limited-command.js';
import { runScript } from './run-script.js';
import { treeOfKey, usualKey } from './script-plan.js';
import { Session } from './session.js';
import { Sessions } from './sessions.js';
import { createShared } from './shared.js';

/** Makes a Linux sandbox of one level; outer sandboxes start with the first script that needs them. */
export async function createBubblewrapSandbox(
  options: SandboxOptions,
  level: 'full' | 'basic',
  starters: Starters,
): Promise<Sandbox> {
  const shared = await createShared(options, level, starters);
  const { places, owner, gateway, runtime } = shared;
  const sessions = new Sessions(options.concurrency ?? Math.min(4, availableParallelism()), (key) => {
    const tree = treeOfKey(shared, key);
    const extra = tree.request.ports.map((port) => ({ port, transport: 'tls' as const }));
    const helper: HelperOptions = { level, ports: [...places.ports, ...extra], loopback: places.loopback };
    return Session.start(tree, helper, key, shared.decoys.files, owner);
  });
  let closing: Promise<void> | null = null;
  return {
    level,
    run: (request, grant) => runScript(shared, sessions, request, grant),
    warmUp: async () => {
      if (level === 'full' && closing === null) await sessions.warmUp(usualKey(shared));
    },
    metrics: () => gateway.metrics(),
    close: () => {
      closing ??= sessions
        .close()
        .then(() => gateway.close())
        .finally(() => runtime.remove());
      return closing;
    },
  };
}
