import type { Observation } from './observation.js';
import { textOf } from './package-files.js';
import type { ScanContext } from './task.js';

const MAX_COMPARED_BYTES = 16 * 1024 * 1024;
/** A file is looked at where it is nearly as long as the text that is run: the rest is a wrapper around it. */
const FILE_SHARE = 0.8;
const ENDS = 400;
const SAMPLE = 100;
/** So many texts are looked for in the files of the package; no loader runs more of them in a wrapper. */
const MOST_WRAPPED = 200;

/** Code that is run and does not stand in its file as it is was put together or decoded, however that was done. */
export function markDecoded(
  observations: readonly Observation[],
  context: ScanContext,
  virtual: ReadonlyMap<string, string>,
): void {
  let wrapped = 0;
  for (const observation of observations) {
    if (observation.sink !== 'code.eval') continue;
    const bytes = context.files.files.get(observation.file);
    const source =
      virtual.get(observation.file) ?? (bytes === undefined ? '' : textOf(bytes.subarray(0, MAX_COMPARED_BYTES)));
    let plain: string | null = null;
    for (const argument of observation.args) {
      const { text } = argument;
      if (!argument.constant || text === null || text.length < 32 || source === '') continue;
      const stands = source.includes(text.slice(0, ENDS));
      if (stands || (++wrapped <= MOST_WRAPPED && wrapsOwnFile(text, context))) argument.decoded = false;
      else if (!argument.decoded) {
        plain ??= plainly(source);
        argument.decoded = !plain.includes(plainly(text.slice(0, ENDS)));
      }
    }
  }
}

/** Whether a text is a source file of the package, which is read itself, in what a loader puts around one. */
function wrapsOwnFile(text: string, { files }: ScanContext): boolean {
  if (text.length < 4 * SAMPLE) return false;
  // What an observation keeps of a text may end before it does.
  const samples = [0.2, 0.4, 0.6, 0.8].map((share) => text.slice(text.length * share).slice(0, SAMPLE));
  for (const [path, bytes] of files.files) {
    if (!/\.[cm]?js$/.test(path) || bytes.byteLength < text.length * FILE_SHARE) continue;
    // Bytes are compared: decoding every file for every text would take its time.
    const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (samples.every((sample) => own.includes(sample))) return true;
  }
  return false;
}

/** Text without blanks, quotes and backslashes, which literals write differently. */
function plainly(text: string): string {
  return text.replace(/\\[nrt]|[\s\\"'`+]/g, '');
}
