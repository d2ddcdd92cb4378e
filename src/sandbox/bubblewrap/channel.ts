import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { FromHelper, ToHelper } from './helper/protocol.js';

const id = z.number().int();

/** What the helper may say. It is our code, but it stands next to scripts: what it says is checked. */
const fromHelper = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), startMs: z.number() }),
  z.strictObject({ type: z.literal('output'), id, stream: z.enum(['stdout', 'stderr']), data: z.base64() }),
  z.strictObject({
    type: z.literal('event'),
    id,
    class: z.enum(['network', 'dns', 'decoy', 'limit', 'process', 'file']),
    target: z.string(),
    action: z.enum(['allowed', 'denied', 'killed', 'reported']),
    evidence: z.string(),
  }),
  z.strictObject({
    type: z.literal('exit'),
    id,
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    limit: z.string().nullable(),
    violation: z.string().nullable(),
    ms: z.number(),
    peakMemoryBytes: z.number(),
    peakProcesses: z.number(),
    writtenBytes: z.number(),
    processes: z.array(z.string()),
    trace: z
      .strictObject({
        entries: z.array(
          z.strictObject({
            what: z.enum(['read', 'write', 'make', 'look', 'run', 'connect', 'refused']),
            target: z.string(),
            error: z.string().nullable(),
            times: z.number().int(),
          }),
        ),
        dropped: z.number().int(),
        complete: z.boolean(),
      })
      .nullable(),
  }),
  z.strictObject({ type: z.literal('fatal'), message: z.string() }),
]);

/** Longest line that is taken from the helper, in characters. */
const MAX_LINE = 4 * 1024 * 1024;

/** Reads the helper's messages; a line that is none is a fault of the sandbox. */
export function readMessages(
  from: Readable,
  heard: (message: FromHelper) => void,
  broken: (what: string) => void,
): void {
  let line = '';
  from.setEncoding('utf8');
  from.on('data', (chunk: string) => {
    line += chunk;
    for (let end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
      const text = line.slice(0, end);
      line = line.slice(end + 1);
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        json = null;
      }
      const parsed = fromHelper.safeParse(json);
      if (parsed.success) heard(parsed.data);
      else return broken(`unintelligible message: ${text.slice(0, 200)}`);
    }
    if (line.length > MAX_LINE) broken('endless message');
  });
}

/** Sends one message to the helper. */
export function sendMessage(to: Writable, message: ToHelper): void {
  to.write(`${JSON.stringify(message)}\n`);
}
