import { BlockList, isIP, isIPv4 } from 'node:net';

/** Ranges that never belong to a public service (IANA special-purpose registries), with the reason that is shown. */
const SPECIAL: readonly [range: string, reason: string][] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared address space'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local (cloud metadata)'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments (cloud metadata)'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'relay anycast'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved or broadcast'],
  ['168.63.129.16/32', 'cloud platform address'],
  ['100.100.100.200/32', 'cloud metadata'],
];

/** IPv6 is the other way round: only global unicast is open, less the ranges that hide or lead to something else. */
const GLOBAL_UNICAST = '2000::/3';
const SPECIAL6: readonly [range: string, reason: string][] = [
  ['2001::/23', 'protocol assignments (Teredo, ORCHID)'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
];

const lists = SPECIAL.map(([range, reason]) => ({ list: blockList(range, 'ipv4'), reason }));
const lists6 = SPECIAL6.map(([range, reason]) => ({ list: blockList(range, 'ipv6'), reason }));
const global = blockList(GLOBAL_UNICAST, 'ipv6');

function blockList(range: string, family: 'ipv4' | 'ipv6'): BlockList {
  const [net, prefix] = range.split('/') as [string, string];
  const list = new BlockList();
  list.addSubnet(net, Number(prefix), family);
  return list;
}

/** Says why an IP address may not be dialled for a script (private, loopback, metadata …), or null for a public one. */
export function forbiddenAddress(address: string): string | null {
  if (isIP(address) === 0) return 'not an IP address';
  if (isIPv4(address)) return lists.find(({ list }) => list.check(address, 'ipv4'))?.reason ?? null;
  if (address.includes('%')) return 'scoped address';
  if (!global.check(address, 'ipv6')) return 'not a global IPv6 address';
  return lists6.find(({ list }) => list.check(address, 'ipv6'))?.reason ?? null;
}

/** The four or sixteen bytes of an address, as certificates have it. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes every form of an IPv6 address in hexadecimal groups.
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::') as [string, string?];
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
