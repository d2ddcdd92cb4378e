import packet from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { answerQuery, parseQuestion } from '../../../../src/sandbox/bubblewrap/helper/dns.js';

const query = (name: string, type: 'A' | 'AAAA' | 'TXT' = 'A') =>
  packet.encode({ type: 'query', id: 4711, flags: packet.RECURSION_DESIRED, questions: [{ type, name }] });
const ask = (bytes: Buffer, address: string | null) => packet.decode(answerQuery(bytes, parseQuestion(bytes), address));

describe('DNS of the helper', () => {
  it('reads the question, in lower case', () => {
    expect(parseQuestion(query('Registry.Example'))).toMatchObject({ name: 'registry.example', type: 1 });
  });

  it('answers a granted name with its address', () => {
    const reply = ask(query('registry.example'), '127.1.0.7');
    expect(reply).toMatchObject({
      id: 4711,
      type: 'response',
      answers: [{ type: 'A', name: 'registry.example', data: '127.1.0.7' }],
    });
    expect((reply as unknown as { rcode: string }).rcode).toBe('NOERROR');
  });

  it('has no IPv6 address for a granted name, which is no error', () => {
    const reply = ask(query('registry.example', 'AAAA'), '127.1.0.7');
    expect(reply.answers).toEqual([]);
    expect((reply as unknown as { rcode: string }).rcode).toBe('NOERROR');
  });

  it('knows no other name', () => {
    expect((ask(query('evil.example'), null) as unknown as { rcode: string }).rcode).toBe('NXDOMAIN');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a header', Buffer.alloc(7)],
    [
      'a response',
      (() => {
        const b = Buffer.from(query('a.example'));
        b[2] = 0x80;
        return b;
      })(),
    ],
    [
      'a label that runs out of the message',
      Buffer.concat([query('a.example').subarray(0, 12), Buffer.from([60, 97])]),
    ],
    ['a compressed question', Buffer.concat([query('a.example').subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])],
    [
      'two questions',
      (() => {
        const b = Buffer.from(query('a.example'));
        b.writeUInt16BE(2, 4);
        return b;
      })(),
    ],
  ])('does not take %s for a question, and still answers', (_, bytes) => {
    expect(parseQuestion(bytes)).toBeNull();
    expect(answerQuery(bytes, null, null).length).toBeGreaterThanOrEqual(12);
  });
});
