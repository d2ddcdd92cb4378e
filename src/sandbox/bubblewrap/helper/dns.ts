import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const A = 1;
const AAAA = 28;
const HTTPS = 65;
const NXDOMAIN = 3;
const FORMERR = 1;

/** One question of a DNS message: RFC 1035, 4.1. */
interface Question {
  name: string;
  type: number;
  /** Offset behind the question. */
  end: number;
}

/** Reads the only question of a query; null where the message is none. */
export function parseQuestion(query: Buffer): Question | null {
  if (query.length < 17 || (query[2]! & 0x80) !== 0 || query.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return null;
    at += 1;
    if (length === 0) break;
    if (at + length > query.length || labels.length > 127) return null;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return null;
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

/** Builds the answer to a query: an address, nothing of that type, or no such name. */
export function answerQuery(query: Buffer, question: Question | null, address: string | null): Buffer {
  const asked = question === null ? query.subarray(0, Math.min(12, query.length)) : query.subarray(0, question.end);
  const head = Buffer.alloc(Math.max(12, asked.length));
  asked.copy(head);
  const code = question === null ? FORMERR : address === null ? NXDOMAIN : 0;
  head.writeUInt16BE(0x8480 | (((query[2] ?? 0) & 1) << 8) | code, 2);
  head.writeUInt16BE(question === null ? 0 : 1, 4);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  if (question === null || address === null || question.type !== A) {
    head.writeUInt16BE(0, 6);
    return head;
  }
  head.writeUInt16BE(1, 6);
  const record = Buffer.from([0xc0, 0x0c, 0, A, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, record]);
}

/**
 * Serves DNS on 127.0.0.1:53, UDP and TCP.
 *
 * @param resolve gives the address of a name, or null for a name that does not exist for this script.
 */
export async function serveDns(resolve: (name: string, type: string) => string | null): Promise<void> {
  const answer = (query: Buffer): Buffer => {
    const question = parseQuestion(query);
    if (question === null) return answerQuery(query, null, null);
    const type =
      question.type === A
        ? 'A'
        : question.type === AAAA
          ? 'AAAA'
          : question.type === HTTPS
            ? 'HTTPS'
            : `TYPE${question.type}`;
    return answerQuery(query, question, resolve(question.name, type));
  };
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => udp.send(answer(query), from.port, from.address, () => {}));
  udp.on('error', () => {});
  await new Promise<void>((done, failed) => {
    udp.once('error', failed);
    udp.bind(53, '127.0.0.1', done);
  });
  const tcp = createServer((socket) => {
    let seen = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      while (seen.length >= 2 && seen.length >= 2 + seen.readUInt16BE(0)) {
        const end = 2 + seen.readUInt16BE(0);
        const reply = answer(seen.subarray(2, end));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([length, reply]));
        seen = seen.subarray(end);
      }
    });
  });
  await new Promise<void>((done, failed) => {
    tcp.once('error', failed);
    tcp.listen(53, '127.0.0.1', done);
  });
}
