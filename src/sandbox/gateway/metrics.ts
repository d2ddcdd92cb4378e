import type { NetworkMetrics } from '../../model.js';

/** What passed through a gateway, by host and outcome. */
export type GatewayMetrics = NetworkMetrics;

export type HostCount = NetworkMetrics['hosts'][string];

const SAMPLES = 4096;
const HOSTS = 1000;

export interface Meter {
  connection(): void;
  outcome(host: string, outcome: 'allowed' | 'denied'): void;
  bytes(host: string, sent: number, received: number): void;
  latency(ms: number): void;
  read(): GatewayMetrics;
}

/** Counts what a gateway does, in bounded memory whatever scripts ask for. */
export function createMeter(): Meter {
  let connections = 0;
  let answered = 0;
  const samples: number[] = [];
  const hosts = new Map<string, HostCount>();
  const at = (host: string): HostCount => {
    const key = hosts.has(host) || hosts.size < HOSTS ? host : '(others)';
    const count = hosts.get(key) ?? { allowed: 0, denied: 0, sent: 0, received: 0 };
    hosts.set(key, count);
    return count;
  };
  const quantile = (sorted: number[], q: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
  return {
    connection: () => {
      connections++;
    },
    outcome: (host, outcome) => {
      at(host)[outcome]++;
    },
    bytes: (host, sent, received) => {
      const count = at(host);
      count.sent += sent;
      count.received += received;
    },
    latency: (ms) => {
      samples[answered++ % SAMPLES] = ms;
    },
    read: () => {
      const sorted = [...samples].sort((a, b) => a - b);
      return {
        connections,
        hosts: Object.fromEntries(hosts),
        latencyMs: { count: answered, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) },
      };
    },
  };
}
