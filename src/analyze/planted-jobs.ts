import type { Manifest } from './manifest/index.js';
import type { EntryPoint, Fact, Observation } from './observation.js';
import { isVendorHost } from './rules/host.js';
import { CI_FILE, ciDownloads, ciSecrets } from './text/index.js';

/** What is said of the jobs of a CI file or git hook that code writes into a project. */
export function plantedJobs(
  { sink, target, args, entry, unasked, file, line }: Observation,
  manifest: Manifest,
): Fact[] {
  if (sink !== 'fs.write' || target === null || !CI_FILE.test(target)) return [];
  const asked: EntryPoint = unasked ? entry : { ...entry, asked: true };
  return args
    .slice(1)
    .flatMap(({ text }) =>
      text === null
        ? []
        : [...ciSecrets(file, text), ...ciDownloads(file, text, (host, url) => isVendorHost(host, manifest, url))].map(
            (fact) => ({ ...fact, entry: asked, line, steps: fact.steps.map((step) => ({ ...step, line })) }),
          ),
    );
}
