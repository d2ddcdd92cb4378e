import { readFileSync } from 'node:fs';

/** Counters of the kernel for packets that had nowhere to go. */
export interface RouteCounters {
  /** Packets to addresses without a route: raw IP, other networks. */
  noRoute: number;
  /** Connections that a closed port refused. */
  refused: number;
  /** Datagrams to closed ports. */
  datagrams: number;
  /** The first for IPv6. */
  noRoute6: number;
}

/** Parses /proc/net/snmp (pairs of lines: names, numbers) and /proc/net/snmp6 (one name and number a line). */
export function parseCounters(snmp: string, snmp6: string): RouteCounters {
  const values = new Map<string, number>();
  const lines = snmp.split('\n');
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const names = lines[at]!.split(/\s+/);
    const numbers = lines[at + 1]!.split(/\s+/);
    names.forEach((name, column) => {
      values.set(names[0]! + name, Number(numbers[column]));
    });
  }
  const six = /^Ip6OutNoRoutes\s+(\d+)/m.exec(snmp6);
  return {
    noRoute: values.get('Ip:OutNoRoutes') ?? 0,
    refused: values.get('Tcp:AttemptFails') ?? 0,
    datagrams: values.get('Udp:NoPorts') ?? 0,
    noRoute6: Number(six?.[1] ?? 0),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Reads the counters of this network namespace. */
export function readCounters(): RouteCounters {
  return parseCounters(read('/proc/net/snmp'), read('/proc/net/snmp6'));
}
