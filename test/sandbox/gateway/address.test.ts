import { expect, test } from 'vitest';
import { forbiddenAddress } from '../../../src/sandbox/gateway/address.js';

test.each([
  '127.0.0.1',
  '127.255.255.255',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '198.18.0.1',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.251',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '127.1',
  'localhost',
  '',
])('%s is never dialled for a script', (address) => {
  expect(forbiddenAddress(address)).not.toBeNull();
});

test.each(['8.8.8.8', '104.16.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1', '2a00:1450:4001::1'])(
  '%s is public',
  (address) => {
    expect(forbiddenAddress(address)).toBeNull();
  },
);
