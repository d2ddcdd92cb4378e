import { DEFAULT_MODES, type PlaceModes } from '../store/index.js';

/** Permissions as npm's configuration gives them to pacote. */
export function placeModes(flat: Record<string, unknown>): PlaceModes {
  const number = (value: unknown, otherwise: number): number =>
    typeof value === 'number' && value !== 0 ? value : otherwise;
  return {
    fmode: number(flat['fmode'], DEFAULT_MODES.fmode),
    dmode: number(flat['dmode'], DEFAULT_MODES.dmode),
    umask: number(flat['umask'], DEFAULT_MODES.umask),
  };
}
