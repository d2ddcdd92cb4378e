import { join } from 'node:path';
import type { World } from '../../test/e2e/sandbox/world.js';
import { SrtDriver } from './srt.js';

/** Below HOME and the project: what its users name in denyRead. Hiding HOME whole and opening the package in it makes the package read-only. */
const SECRETS = [
  '.npmrc',
  '.aws',
  '.ssh',
  '.git-credentials',
  '.netrc',
  '.config',
  '.docker',
  '.kube',
  '.bash_history',
  'work/project/.env',
  'work/project/.npmrc',
];

/** sandbox-runtime over a world of probes: the well-known credentials hidden, only the package writable. */
export async function openOther(world: World): Promise<SrtDriver> {
  const settings = {
    network: { allowedDomains: [new URL(world.REGISTRY).host], deniedDomains: [] },
    filesystem: {
      denyRead: SECRETS.map((name) => join(world.HOME, name)),
      allowWrite: [join(world.PROJECT, 'node_modules/subject')],
      denyWrite: [],
    },
  };
  return SrtDriver.start(process.env['SI_OTHER_FOLDER']!, JSON.stringify(settings));
}
