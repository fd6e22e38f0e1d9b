import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** The code of a message, and its length. */
const HEADER_BYTES = 5;
/** So much can be read at once, whatever is there already. */
const ROOM_BYTES = 64 * 1024;
/** What very large messages have taken beyond is given back when they have been handed over. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** The next message is often a little larger. */
const SPARE = 1.25;

/**
 * Puts messages of PostgreSQL together, in memory that is used again. `pg` makes a copy of what it has
 * of a message with every other part that comes: of the packs that a report reads, several times their
 * size, and garbage that has the whole heap collected.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class WholeMessages {
  private bytes = Buffer.allocUnsafeSlow(2 * ROOM_BYTES);
  private filled = 0;

  /** Where to write the next bytes. */
  get room(): Buffer {
    return this.bytes.subarray(this.filled);
  }

  /**
   * @param count how many bytes have been written into `room`
   * @param handOver gets the messages that are complete now; their bytes change after it has returned
   */
  add(count: number, handOver: (messages: Buffer) => void): void {
    this.filled += count;
    const end = this.endOfMessages();
    if (end > 0) handOver(this.bytes.subarray(0, end));
    this.keep(end);
  }

  private endOfMessages(): number {
    let end = 0;
    let next = this.endOfMessage(end);
    while (next <= this.filled) next = this.endOfMessage((end = next));
    return end;
  }

  /** Beyond what has come, if the message is not complete. */
  private endOfMessage(start: number): number {
    if (this.filled - start < HEADER_BYTES) return start + HEADER_BYTES;
    return start + 1 + this.bytes.readUInt32BE(start + 1);
  }

  /** What is from there on moves to the beginning, with room for the rest of its message. */
  private keep(start: number): void {
    const { bytes, filled } = this;
    const needed = this.endOfMessage(start) - start + ROOM_BYTES;
    const isTooSmall = needed > bytes.length;
    const isTooLarge = start > 0 && bytes.length > Math.max(KEPT_BYTES, 2 * needed);
    if (isTooSmall || isTooLarge) this.bytes = Buffer.allocUnsafeSlow(Math.ceil(needed * SPARE));
    if (start > 0 || isTooSmall) bytes.copy(this.bytes, 0, start, filled);
    this.filled = filled - start;
  }
}

/**
 * A socket for a `pg` client, whose 'data' are whole messages; they change after the event.
 * @param settings of the client. With TLS it is an ordinary socket: what it reads are no messages.
 */
export function messageSocket(settings?: { ssl?: unknown }): Socket {
  if (settings?.ssl) return new Socket();
  const messages = new WholeMessages();
  const onread: OnReadOpts = {
    buffer: () => messages.room,
    callback: (count) => {
      messages.add(count, (whole) => socket.emit('data', whole));
      return true;
    },
  };
  // The types know the option of `connect` only, which `pg` calls.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = { onread };
  const socket: Socket = new Socket(options);
  return socket;
}
