import { expect, test } from 'vitest';
import { denialPredicate, parseDenial } from '../../../src/sandbox/seatbelt/deny-log.js';

const TAG = 'safe-install-0011223344556677';

/** A line as `log stream --style ndjson` prints it, with the fields that it has besides the message. */
function line(message: string): string {
  return JSON.stringify({
    timestamp: '2026-11-23 01:00:00.000000+0000',
    messageType: 'Error',
    eventType: 'logEvent',
    processID: 0,
    senderImagePath: '/System/Library/Extensions/Sandbox.kext/Contents/MacOS/Sandbox',
    eventMessage: message,
  });
}

test.each([
  [
    `Sandbox: cat(4711) deny(1) file-read-data /Users/u/.ssh/id_rsa\n${TAG}`,
    'cat',
    'file-read-data',
    '/Users/u/.ssh/id_rsa',
    'file',
  ],
  [
    `Sandbox: node(4712) deny(1) network-outbound 192.0.2.1:443\n${TAG}`,
    'node',
    'network-outbound',
    '192.0.2.1:443',
    'network',
  ],
  [
    `Sandbox: sh(1) deny(1) mach-lookup com.apple.SecurityServer\n${TAG}`,
    'sh',
    'mach-lookup',
    'com.apple.SecurityServer',
    'process',
  ],
  [
    `Sandbox: a (b)(9) deny(1) file-write-create /tmp/with space (1)\n${TAG}`,
    'a (b)',
    'file-write-create',
    '/tmp/with space (1)',
    'file',
  ],
  [`3 duplicate reports for Sandbox: cat(5) deny(1) file-read-data /x\n${TAG}`, 'cat', 'file-read-data', '/x', 'file'],
  [`Sandbox: sh(6) deny(1) process-fork\n${TAG}`, 'sh', 'process-fork', '', 'process'],
])('%s', (message, process, operation, target, kind) => {
  expect(parseDenial(line(message), TAG)).toMatchObject({ process, operation, target, class: kind });
});

test.each([
  ['of another profile', line('Sandbox: cat(4711) deny(1) file-read-data /x\nsafe-install-ffffffffffffffff')],
  ['without a tag', line('Sandbox: cat(4711) deny(1) file-read-data /x')],
  ['of an allowance', line(`Sandbox: cat(4711) allow file-read-data /x\n${TAG}`)],
  ['that a script printed', line(`${TAG}`)],
  ['that is the header of log stream', 'Filtering the log data using "sender == \\"Sandbox\\""'],
  ['that is no object', '[]'],
])('a line %s is no denial', (_what, text) => {
  expect(parseDenial(text, TAG)).toBeNull();
});

test('the predicate cannot be left by a tag', () => {
  expect(denialPredicate('a" OR "b')).toBe('sender == "Sandbox" AND eventMessage ENDSWITH "a OR b"');
});
