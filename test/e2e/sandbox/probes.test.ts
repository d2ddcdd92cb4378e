import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Identity, identities, runProbes } from './enter-world.js';
import type { Control, ControlResult, Probe, ProbeResult } from './probe.js';

const probes = parse(readFileSync(new URL('probes.yaml', import.meta.url), 'utf8')) as Probe[];
const controls = parse(readFileSync(new URL('controls.yaml', import.meta.url), 'utf8')) as Control[];
const results = new Map<Identity, Map<string, ProbeResult>>();
const outcomes = new Map<Identity, Map<string, ControlResult>>();

beforeAll(async () => {
  const found = await Promise.all(
    identities.map(async (identity) => [identity, await runProbes(identity, 'all')] as const),
  );
  for (const [identity, list] of found) {
    results.set(
      identity,
      new Map(list.flatMap((result) => (result.area === 'control' ? [] : [[result.name, result]]))),
    );
    outcomes.set(
      identity,
      new Map(list.flatMap((result) => (result.area === 'control' ? [[result.name, result]] : []))),
    );
  }
}, 600_000);

/** Attempts that leave no trace which the sandbox could see: nothing answers, nothing is counted. */
const SILENT = new Set(['docker-like socket', 'abstract socket', 'raw socket', 'packet socket', 'datagram by IPv6']);

/** What the gateway takes out of a request that it lets through. */
const STRIPPED = new Set(['data in a header to the registry', 'stolen token used at the registry']);

describe.each(identities)('as %s', (identity) => {
  const own = probes.filter((probe) => probe.as !== 'root' || identity === 'root');

  it('has at least ninety probes, each with a name of its own', () => {
    expect(own.length).toBeGreaterThanOrEqual(90);
    expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
  });

  it.each(own.map(({ area, name }) => [area, name] as const))('%s: %s', (area, name) => {
    const result = results.get(identity)?.get(name);
    expect(result, 'the probe was run').toBeDefined();
    expect(result!.raw, `without the sandbox it succeeds:\n${result!.rawOutput}`).toBe(true);
    expect(result!.confined, `in the sandbox it does not:\n${result!.confinedOutput}`).toBe(false);
    if (area === 'network' && !SILENT.has(name) && !STRIPPED.has(name)) {
      expect(result!.events.join('\n'), 'the attempt is an event').toMatch(/denied|killed/);
    }
  });

  it('has at least fifteen controls that could be tried', () => {
    const tried = [...(outcomes.get(identity)?.values() ?? [])].filter(({ outcome }) => outcome !== 'missing');
    expect(tried.length).toBeGreaterThanOrEqual(15);
  });

  it.each(controls.map(({ name }) => name))('works inside: %s', (name) => {
    const result = outcomes.get(identity)?.get(name);
    expect(result, 'the control was run').toBeDefined();
    expect(result!.outcome, `exit ${result!.exitCode}:\n${result!.output}`).toMatch(/^(ok|missing)$/);
  });
});
