import type { Manifest } from './manifest/index.js';
import type { EntryPoint, Fact, Observation } from './observation.js';
import { isVendorHost } from './rules/host.js';
import { AGENT_FILE, agentInstructions, CI_FILE, ciDownloads, ciSecrets } from './text/index.js';

/** What is said of the jobs of a CI file or git hook, and of the instructions for assistants, that code writes for others. */
export function plantedJobs(observation: Observation, manifest: Manifest): Fact[] {
  const { sink, target, args, entry, unasked, file, line } = observation;
  if (sink !== 'fs.write' || target === null) return [];
  const read = [
    ...(CI_FILE.test(target) ? [ciSecrets, ciDownloadsFor(manifest)] : []),
    ...(AGENT_FILE.test(target) ? [agentThefts] : []),
  ];
  if (read.length === 0) return [];
  const asked: EntryPoint = unasked ? entry : { ...entry, asked: true };
  return args
    .slice(1)
    .flatMap(({ text }) => (text === null ? [] : read.flatMap((factsOf) => factsOf(file, text))))
    .map((fact) => ({ ...fact, entry: asked, line, steps: fact.steps.map((step) => ({ ...step, line })) }));
}

function ciDownloadsFor(manifest: Manifest): (file: string, text: string) => Fact[] {
  return (file, text) => ciDownloads(file, text, (host, url) => isVendorHost(host, manifest, url));
}

/** Whoever sets up an assistant may tell it what to run; behind its user's back with secrets or foreign code, nobody may. */
function agentThefts(file: string, text: string): Fact[] {
  return agentInstructions(file, text).filter(({ id }) => id === 'planted.agent-theft');
}
