import { existsSync, realpathSync } from 'node:fs';
import { makeFolder } from '../make-folder.js';
import type { Grant, Place, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { toolFolders } from '../script-environment.js';
import { isWithin } from '../toolchain.js';

/** What one script's tree has besides that of all scripts; sessions with an equal one can be shared. */
export interface RequestTree {
  /** Package folders outside of the shared ones. */
  packages: string[];
  readable: string[];
  writable: string[];
  places: Place[];
  /** Ports besides 443 on which granted hosts are asked. */
  ports: number[];
}

/** Folders of which every sandbox has its own: a grant of them would break it open or break it. */
const OWN = ['/proc', '/dev', '/sys', '/run'];

function realGrant(path: string, what: string): string {
  if (!existsSync(path)) {
    throw new SandboxRequestError(`A ${what} of the grant does not exist.`, path, [
      'Create it, or take it out of the grant.',
    ]);
  }
  const real = realpathSync(path);
  if (real === '/' || OWN.some((own) => isWithin(real, own))) {
    throw new SandboxRequestError(`A ${what} of the grant cannot be given to a script.`, path, [
      `Grant a folder that is not / and not below ${OWN.join(', ')}.`,
    ]);
  }
  return real;
}

/** What every tree shows anyway. */
const EVERYWHERE = ['/usr'];

const covered = (path: string, by: readonly string[]) => by.some((place) => isWithin(path, place));

/**
 * Turns request and grant into the paths of a tree, all real.
 *
 * @param shared package folders that every script of the install may read.
 * @throws SandboxRequestError for a grant that cannot be given.
 */
export function requestTree(request: ScriptRequest, grant: Grant, shared: readonly string[]): RequestTree {
  const { cwd } = request;
  const readable = [...grant.readable.map((path) => realGrant(path, 'readable path')), ...toolFolders(request.env)];
  const places = (grant.places ?? [])
    .filter(({ path }) => existsSync(path))
    .map(({ path, access }) => ({
      path: access === 'write' ? realGrant(path, 'writable path') : realpathSync(path),
      access,
    }));
  const ports = grant.hosts.flatMap((host) => Number(/:(\d+)$/.exec(host)?.[1] ?? 443)).filter((port) => port !== 443);
  return {
    packages: covered(cwd, shared) ? [] : [cwd],
    readable: [...new Set(readable)].filter((path) => !covered(path, [...shared, ...EVERYWHERE])).sort(),
    writable: [...new Set(grant.writable.map((path) => realGrant(makeFolder(path), 'writable folder')))].sort(),
    places,
    ports: [...new Set(ports)].sort((a, b) => a - b),
  };
}
