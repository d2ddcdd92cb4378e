/** What the first flight of a TLS client says about where it goes. */
export interface ClientHello {
  /** Server name indication, lower case; null where there is none. */
  serverName: string | null;
  /** True when the real name is encrypted (extension encrypted_client_hello): the visible one then proves nothing. */
  encrypted: boolean;
}

/** Most bytes of handshake that a ClientHello may take; post-quantum key shares and long tickets stay far below. */
const MAX_HANDSHAKE = 32 * 1024;

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

/** A reader of the length-prefixed vectors of TLS (RFC 8446, 3.4) that never leaves its bytes. */
class Vector {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}
  get left(): number {
    return this.bytes.length - this.at;
  }
  number(size: 1 | 2 | 3): number {
    if (this.left < size) throw new Error('malformed ClientHello');
    const value = this.bytes.readUIntBE(this.at, size);
    this.at += size;
    return value;
  }
  take(length: number): Buffer {
    if (this.left < length) throw new Error('malformed ClientHello');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  vector(size: 1 | 2 | 3): Vector {
    return new Vector(this.take(this.number(size)));
  }
}

/** Joins the fragments of the handshake message at the start of a TLS stream; null while it is incomplete. */
function firstHandshake(stream: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let size = 0;
  let wanted: number | null = null;
  for (let at = 0; ; ) {
    if (stream.length > at && stream[at] !== HANDSHAKE_RECORD) throw new Error('not a TLS handshake');
    if (stream.length > at + 1 && stream[at + 1] !== 3) throw new Error('not a TLS handshake');
    if (stream.length < at + 5) return null;
    const length = stream.readUInt16BE(at + 3);
    if (length === 0 || length > 16384 + 256) throw new Error('malformed TLS record');
    const part = stream.subarray(at + 5, at + 5 + length);
    parts.push(part);
    size += part.length;
    if (parts[0]!.length > 0 && parts[0]![0] !== CLIENT_HELLO) throw new Error('not a ClientHello');
    if (wanted === null && size >= 4) {
      wanted = 4 + Buffer.concat(parts).readUIntBE(1, 3);
      if (wanted > MAX_HANDSHAKE) throw new Error('ClientHello too long');
    }
    if (wanted !== null && size >= wanted) return Buffer.concat(parts).subarray(0, wanted);
    if (part.length < length) return null;
    at += 5 + length;
  }
}

/** Name of a server_name extension (RFC 6066, 3): exactly one host_name, ASCII. */
function serverNameOf(extension: Vector): string {
  const list = extension.vector(2);
  if (list.number(1) !== 0) throw new Error('malformed server name');
  const name = list.take(list.number(2)).toString('latin1');
  if (list.left > 0 || extension.left > 0) throw new Error('more than one server name');
  if (!/^[a-z0-9._-]{1,253}$/i.test(name)) throw new Error('malformed server name');
  return name.toLowerCase();
}

/**
 * Parses the ClientHello at the start of a TLS stream, over as many records as it is cut into.
 * Returns null while bytes are missing. Two server_name extensions, two names or trailing bytes are refused, because
 * another parser behind us might choose the other one.
 *
 * @throws Error where the bytes are no ClientHello.
 */
export function parseClientHello(stream: Buffer): ClientHello | null {
  const message = firstHandshake(stream);
  if (message === null) return null;
  const hello = new Vector(message.subarray(4));
  hello.number(2);
  hello.take(32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  const found: ClientHello = { serverName: null, encrypted: false };
  if (hello.left === 0) return found;
  const extensions = hello.vector(2);
  if (hello.left > 0) throw new Error('malformed ClientHello');
  while (extensions.left > 0) {
    const kind = extensions.number(2);
    const body = extensions.vector(2);
    if (kind === SERVER_NAME) {
      if (found.serverName !== null) throw new Error('more than one server name');
      found.serverName = serverNameOf(body);
    }
    if (kind === ENCRYPTED_CLIENT_HELLO) found.encrypted = true;
  }
  return found;
}
