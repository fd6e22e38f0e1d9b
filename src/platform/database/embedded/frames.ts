/**
 * Messages of the PostgreSQL protocol, version 3: a type byte, an Int32 length that counts itself,
 * and a body. Only the first message of a connection has no type.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

export const code = (letter: string): number => letter.charCodeAt(0);

export function frame(type: string, ...body: (Buffer | string)[]): Buffer {
  const parts = body.map((part) => (typeof part === 'string' ? cString(part) : part));
  const header = Buffer.allocUnsafe(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([header, ...parts]);
}

export const cString = (text: string): Buffer => Buffer.from(`${text}\0`);

export function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export const query = (sql: string): Buffer => frame('Q', sql);

export const sync = frame('S');

/** The start of a session, as a client would send it. */
export function startup(parameters: Record<string, string>): Buffer {
  const body = Object.entries(parameters).flat().map(cString);
  const packet = Buffer.concat([int32(0), int32(196_608), ...body, Buffer.from([0])]);
  packet.writeInt32BE(packet.length);
  return packet;
}

export function errorResponse(severity: 'ERROR' | 'FATAL', sqlState: string, text: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlState}`, `M${text}`];
  return frame('E', ...fields, Buffer.from([0]));
}

/** The NUL-terminated text at the offset, and where it ends. */
export function textAt(buffer: Buffer, from: number): { text: string; end: number } {
  const nul = buffer.indexOf(0, from);
  const end = nul < 0 ? buffer.length : nul;
  return { text: buffer.toString('utf8', from, end), end: end + 1 };
}

/** The complete frames in what a server has sent. */
export function* framesOf(buffer: Buffer): Generator<Buffer> {
  for (let at = 0; at + 5 <= buffer.length;) {
    const end = at + 1 + buffer.readInt32BE(at + 1);
    yield buffer.subarray(at, end);
    at = end;
  }
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;
  /** The first message of a connection has no type byte. */
  private typed = false;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** From here on, messages have a type. */
  started(): void {
    this.typed = true;
  }

  /** The next whole message; undefined if it has not arrived yet. @throws RangeError on nonsense */
  next(): Buffer | undefined {
    const header = this.typed ? 5 : 4;
    if (this.size < header) return undefined;
    const buffer = this.joined();
    const length = buffer.readInt32BE(header - 4) + header - 4;
    if (length < header || length > MAX_FRAME_BYTES) throw new RangeError('invalid message length');
    if (this.size < length) return undefined;
    this.chunks = [buffer.subarray(length)];
    this.size -= length;
    return buffer.subarray(0, length);
  }

  private joined(): Buffer {
    if (this.chunks.length > 1) this.chunks = [Buffer.concat(this.chunks, this.size)];
    return this.chunks[0]!;
  }
}
