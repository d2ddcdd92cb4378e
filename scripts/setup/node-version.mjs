import { SetupError } from './error.mjs';

const minimum = { 20: [19, 0], 22: [12, 0] };

/** Fails where this Node is older than `engines` in package.json allows. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const floor = minimum[major];
  const good = floor ? minor >= floor[0] : major >= 24;
  if (!good) throw new SetupError(`Node ${version} is too old or odd`, ['install Node 20.19, 22.12, 24 or newer']);
}
