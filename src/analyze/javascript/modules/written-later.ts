import { posix } from 'node:path';
import type { Observation, Taint } from '../../observation.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { HOLE } from '../interpreter/value.js';
import { publicTaints } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';

/** A file that was written with what the network answered. */
interface Download {
  path: string;
  folder: string;
  name: string;
  taints: Taint[];
}

const RUNS = /^(?:process\.spawn|code\.(?:require|native|worker))$/;
const WORD = /'([^']*)'|[^\s'";|&]+/g;
/** What `require` reads as data. */
const DATA = /\.(?:json|txt|md|ya?ml|csv|html?|css|png|jpe?g|gif|svg|wasm)$/;

/**
 * Files that are started or loaded before they are seen to be downloaded: the next run, or the end of a callback, starts what this
 * one has fetched. The flows are added to what was observed.
 */
export function markDownloaded(I: Interpreter): void {
  const downloads = downloadsOf(I);
  if (downloads.length === 0) return;
  for (const seen of I.observations) {
    if (!RUNS.test(seen.sink) || seen.target === null || seen.taints.some(({ source }) => source === 'net.response'))
      continue;
    const found = downloads.find((each) => runs(seen, each));
    if (found === undefined) continue;
    seen.taints.push(...found.taints);
    seen.steps.unshift(...(found.taints[0]?.steps ?? []));
  }
}

function downloadsOf(I: Interpreter): Download[] {
  const out: Download[] = [];
  for (const [path, content] of I.written) {
    const flows = (deepTaints(content) ?? []).filter(({ source }) => source === 'net.response');
    const folder = posix.dirname(path);
    if (flows.length > 0 && folder !== '.' && folder !== HOLE)
      out.push({ path, folder, name: posix.basename(path), taints: publicTaints(flows) });
  }
  return out;
}

function runs({ sink, target }: Observation, download: Download): boolean {
  if (sink !== 'process.spawn') return means(target as string, download);
  const words = [...(target as string).matchAll(WORD)].map(([word, quoted]) => quoted ?? word);
  return words.slice(0, 3).some((word) => word === download.path);
}

/** Whether a path to a module may be that file: as it stands, without its ending, or by any name in its folder. */
function means(path: string, { path: written, folder, name }: Download): boolean {
  if (DATA.test(written) || DATA.test(path)) return false;
  if (path === written || `${path}.js` === written) return true;
  if (posix.dirname(path) !== folder) return false;
  return name.includes(HOLE) && posix.basename(path).includes(HOLE);
}
