/* The few types of ASN.1 DER (X.690) that a certificate is made of. */

function wrap(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size: number[] = [];
  for (let left = body.length; left > 0; left >>>= 8) size.unshift(left & 0xff);
  const length = body.length < 0x80 ? [body.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export const sequence = (...parts: Buffer[]): Buffer => wrap(0x30, ...parts);

export const setOf = (part: Buffer): Buffer => wrap(0x31, part);

export const octets = (content: Buffer): Buffer => wrap(0x04, content);

export const utf8 = (text: string): Buffer => wrap(0x0c, Buffer.from(text, 'utf8'));

export const boolean = (value: boolean): Buffer => wrap(0x01, Buffer.from([value ? 0xff : 0]));

/** A bit string; `unused` bits at its end do not count. */
export const bits = (content: Buffer, unused = 0): Buffer => wrap(0x03, Buffer.from([unused]), content);

/** A tag of the context: `constructed` where a whole value stands in it. */
export const tagged = (number: number, content: Buffer, constructed: boolean): Buffer =>
  wrap((constructed ? 0xa0 : 0x80) | number, content);

/** An integer that is not negative, from its bytes. */
export function unsigned(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  return value[0]! >= 0x80 ? wrap(0x02, Buffer.from([0]), value) : wrap(0x02, value);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return wrap(0x06, Buffer.from(bytes));
}

/** A moment, to the second: UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Buffer {
  const text = `${moment.toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`;
  return moment.getUTCFullYear() < 2050 ? wrap(0x17, Buffer.from(text.slice(2))) : wrap(0x18, Buffer.from(text));
}
