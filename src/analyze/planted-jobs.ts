import type { Manifest } from './manifest/index.js';
import type { EntryPoint, Fact, Observation } from './observation.js';
import { isVendorHost } from './rules/host.js';
import type { ScanContext } from './task.js';
import {
  AGENT_FILE,
  agentInstructions,
  CI_FILE,
  ciDownloads,
  ciSecrets,
  hiddenAdditions,
  RULES_FOLDER,
  vouchings,
  writtenThefts,
} from './text/index.js';
import { writtenContents } from './written-contents.js';

/** What is said of the jobs of a CI file or git hook, and of the instructions for assistants, that code writes for others. */
export function plantedJobs(observation: Observation, { files, manifest }: ScanContext): Fact[] {
  const { sink, target, entry, unasked, file, line } = observation;
  if (sink !== 'fs.write' || target === null) return [];
  const read = [
    ...(CI_FILE.test(target) ? [ciSecrets, ciDownloadsFor(manifest)] : []),
    ...(AGENT_FILE.test(target) || RULES_FOLDER.test(target)
      ? [agentThefts, vouchingsFor(manifest), hiddenAdditionsFor(manifest)]
      : []),
  ];
  if (read.length === 0) return [];
  const asked: EntryPoint = unasked ? entry : { ...entry, asked: true };
  return writtenContents(observation, files)
    .flatMap(({ text }) => read.flatMap((factsOf) => factsOf(file, text)))
    .map((fact) => ({ ...fact, entry: asked, line, steps: fact.steps.map((step) => ({ ...step, line })) }));
}

function vouchingsFor({ name }: Manifest): (file: string, text: string) => Fact[] {
  return (file, text) => vouchings(file, text, name);
}

function hiddenAdditionsFor(manifest: Manifest): (file: string, text: string) => Fact[] {
  return (file, text) => hiddenAdditions(file, text, (host, url) => isVendorHost(host, manifest, url));
}

function ciDownloadsFor(manifest: Manifest): (file: string, text: string) => Fact[] {
  return (file, text) => ciDownloads(file, text, (host, url) => isVendorHost(host, manifest, url));
}

/** Whoever sets up an assistant may tell it what to run; behind its user's back with secrets or foreign code, nobody may. */
function agentThefts(file: string, text: string): Fact[] {
  const told = agentInstructions(file, text).filter(({ id }) => id === 'planted.agent-theft');
  return told.length > 0 ? told : writtenThefts(file, text);
}
