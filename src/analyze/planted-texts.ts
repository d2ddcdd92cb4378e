import type { Observation } from './observation.js';
import { HOLE } from './task.js';

const MANIFEST = /(?:^|\/)package\.json$/;
const STARTS_BY_ITSELF =
  /(?:^|\/)(?:\.git\/hooks|\.husky)\/[\w-]+$|(?:^|\/)\.(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv)$/;
const LIFECYCLE = /"(?:(?:pre|post)?install|prepare|prepublish)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
/** What fetches or hides code; what else such a text starts lies in the user's project, not here. */
const WORTH_READING = /\b(?:curl|wget|iwr|irm|fetch|eval|base64|nc)\b|Invoke-|https?:\/\/|\/dev\/tcp|\bnode\s+-e\b/;
const LONGEST = 20_000;

/** Commands of a text that is written where others run it: scripts of a new package, git hooks, start-up files of shells. */
export function plantedTexts({ sink, target, args }: Observation): string[] {
  if (sink !== 'fs.write' || target === null) return [];
  const isManifest = MANIFEST.test(target);
  if (!isManifest && !STARTS_BY_ITSELF.test(target)) return [];
  const content = args.slice(1).map(({ text }) => text ?? '');
  return content
    .filter((text) => text.length < LONGEST)
    .flatMap((text) => (isManifest ? lifecycleOf(text) : [text]))
    .filter((text) => WORTH_READING.test(text) && text.replaceAll(HOLE, '').trim() !== '');
}

function lifecycleOf(manifest: string): string[] {
  return [...manifest.matchAll(LIFECYCLE)].map(([, script = '']) => {
    try {
      return String(JSON.parse(`"${script}"`));
    } catch {
      return script;
    }
  });
}
