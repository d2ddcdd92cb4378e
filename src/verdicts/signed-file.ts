import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import { EXIT, SafeInstallError } from '../errors.js';
import { PUBLIC_KEY, readPrivateKey, readPublicKey } from './signing-key.js';

const headerSchema = z.object({
  format: z.literal('safe-install-verdicts'),
  version: z.literal(1),
  /** Engine and rules that made the verdicts. */
  verdictKey: z.string().regex(/^[0-9a-f]{32}$/),
  created: z.iso.datetime(),
  publicKey: z.string().regex(PUBLIC_KEY),
});
const trailerSchema = z.object({ signature: z.base64() });

/** What a file of verdicts says of itself. */
export type ExportHeader = z.infer<typeof headerSchema>;

// A header line, lines of records, a line with the signature over every byte before it.

/** Makes a signed file of record lines. */
export function signVerdicts(
  lines: readonly string[],
  verdictKey: string,
  privateKey: { pem: string; where: string },
  now: Date,
): string {
  const { key, publicKey } = readPrivateKey(privateKey.pem, privateKey.where);
  const header: ExportHeader = {
    format: 'safe-install-verdicts',
    version: 1,
    verdictKey,
    created: now.toISOString(),
    publicKey,
  };
  const signed = `${[JSON.stringify(header), ...lines].join('\n')}\n`;
  const signature = sign(null, Buffer.from(signed), key).toString('base64');
  return `${signed}${JSON.stringify({ signature })}\n`;
}

/**
 * Checks a signed file; nothing of it is read as a record before its signature was found good, by a key that is trusted.
 *
 * @param trustedKeys public keys of the policy
 * @throws SafeInstallError ECACHEFILE (no such file), ECACHEUNTRUSTED (another key), ECACHESIGNATURE (a byte was changed)
 */
export function verifyVerdicts(
  bytes: Buffer,
  trustedKeys: readonly string[],
  where: string,
): { header: ExportHeader; lines: string[] } {
  const lastLine = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
  const firstEnd = bytes.indexOf('\n');
  const header = headerSchema.safeParse(parseJson(bytes.toString('utf8', 0, Math.max(0, firstEnd))));
  const trailer = trailerSchema.safeParse(parseJson(bytes.toString('utf8', lastLine)));
  if (!header.success || bytes.at(-1) !== 0x0a) {
    throw fileError('This is no file of exported verdicts.', 'ECACHEFILE', where, [
      'safe-install cache export <file> makes one.',
    ]);
  }
  const { publicKey } = header.data;
  if (!trailer.success || lastLine <= firstEnd) {
    throw fileError('The verdicts are not signed; they are not taken.', 'ECACHESIGNATURE', where, [
      'Get the file again from where it was made.',
    ]);
  }
  if (!trustedKeys.includes(publicKey)) {
    throw fileError(
      `The verdicts are signed with a key that the policy does not trust: ${publicKey}`,
      'ECACHEUNTRUSTED',
      where,
      ['Where you know whose key it is, add it to verdicts.trustedKeys of the policy.'],
    );
  }
  const signature = Buffer.from(trailer.data.signature, 'base64');
  if (!verify(null, bytes.subarray(0, lastLine), readPublicKey(publicKey), signature)) {
    throw fileError('The signature does not fit: the file was changed after it was made.', 'ECACHESIGNATURE', where, [
      'Get the file again from where it was made.',
    ]);
  }
  const lines = bytes
    .toString('utf8', firstEnd + 1, lastLine)
    .split('\n')
    .slice(0, -1);
  return { header: header.data, lines };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fileError(message: string, code: string, where: string, next: string[]): SafeInstallError {
  return new SafeInstallError(message, { code, exitCode: EXIT.npm, where, next });
}
