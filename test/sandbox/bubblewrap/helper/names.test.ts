import { describe, expect, it } from 'vitest';
import { AddressBook, isGranted } from '../../../../src/sandbox/bubblewrap/helper/names.js';
import { parseCounters } from '../../../../src/sandbox/bubblewrap/helper/routes.js';

describe('isGranted', () => {
  it.each([
    ['a.example', ['a.example'], true],
    ['a.example', ['A.Example'], true],
    ['b.a.example', ['a.example'], false],
    ['b.a.example', ['*.a.example'], true],
    ['a.example', ['*.a.example'], false],
    ['xa.example', ['*.a.example'], false],
    ['a.example.evil.example', ['a.example'], false],
    ['a.example', [], false],
  ])('%s by %j: %s', (name, patterns, granted) => {
    expect(isGranted(name, patterns)).toBe(granted);
  });
});

describe('AddressBook', () => {
  it('gives each name one address, and tells the name of an address', () => {
    const book = new AddressBook();
    const addresses = Array.from({ length: 600 }, (_, n) => book.addressOf(`n${n}.example`)!);
    expect(new Set(addresses).size).toBe(600);
    expect(book.addressOf('n5.example')).toBe(addresses[5]);
    expect(book.nameOf(addresses[599]!)).toBe('n599.example');
    expect(book.nameOf('127.0.0.1')).toBeNull();
  });
});

describe('parseCounters', () => {
  it('reads the four counters of the kernel', () => {
    const snmp =
      'Ip: Forwarding OutNoRoutes\nIp: 1 7\nTcp: ActiveOpens AttemptFails\nTcp: 3 4\nUdp: InDatagrams NoPorts\nUdp: 0 2\n';
    expect(parseCounters(snmp, 'Ip6InReceives 3\nIp6OutNoRoutes                  5\n')).toEqual({
      noRoute: 7,
      refused: 4,
      datagrams: 2,
      noRoute6: 5,
    });
  });

  it('takes missing counters for none', () => {
    expect(parseCounters('', '')).toEqual({ noRoute: 0, refused: 0, datagrams: 0, noRoute6: 0 });
  });
});
