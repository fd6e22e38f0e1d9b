import type { Socket } from 'node:net';
import { cString, code, errorResponse, frame, FrameReader, textAt } from './frames.js';

/** What is run as a whole, with no other client's messages in between. */
export interface Unit {
  session: ClientSession;
  message: Buffer;
  /** Ended by Flush: the batch goes on until its Sync. */
  open: boolean;
}

const REFUSE_COPY = `DO $$BEGIN RAISE EXCEPTION
  'COPY FROM STDIN is not supported by the embedded database' USING ERRCODE = '0A000'; END$$`;

const CHANNEL = /\b(un)?listen\s+(\*|"(?:[^"]|"")+"|[\w$]+)/gi;

/** One client: turns its messages into units, and keeps what would be the state of its session. */
export class ClientSession {
  readonly reader = new FrameReader();
  readonly channels = new Set<string>();
  /** Named statements, as they are called in the one session that all clients share. */
  readonly statements = new Set<string>();
  private batch: Buffer[] = [];

  constructor(
    readonly id: number,
    readonly socket: Socket,
  ) {}

  /** Ends the connection, and says why. */
  dismiss(sqlState: string, text: string): void {
    this.send(errorResponse('FATAL', sqlState, text));
    this.socket.destroySoon();
  }

  send(...frames: Buffer[]): void {
    if (this.socket.writable)
      this.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  /** Takes the next message in; the unit that it completes, if it does. @throws on a foreign one */
  take(message: Buffer): Unit | undefined {
    const type = String.fromCharCode(message[0]!);
    switch (type) {
      case 'Q':
      case 'P':
        this.batch.push(this.statement(type, message));
        return type === 'Q' ? this.complete(false) : undefined;
      case 'B':
        this.batch.push(this.renamed(message, textAt(message, 5).end));
        return undefined;
      case 'D':
      case 'C':
        this.batch.push(message[5] === code('S') ? this.renamed(message, 6) : message);
        return undefined;
      case 'E':
        this.batch.push(message);
        return undefined;
      case 'S':
      case 'H':
        this.batch.push(message);
        return this.complete(type === 'H');
      default:
        throw new RangeError(`message type ${JSON.stringify(type)} is not supported`);
    }
  }

  private complete(open: boolean): Unit {
    const message = this.batch.length === 1 ? this.batch[0]! : Buffer.concat(this.batch);
    this.batch = [];
    return { session: this, message, open };
  }

  private statement(type: 'Q' | 'P', message: Buffer): Buffer {
    const name = type === 'P' ? textAt(message, 5) : { text: '', end: 5 };
    const { text: sql, end } = textAt(message, name.end);
    this.followChannels(sql);
    // PGlite would wait for data that it cannot get before the answer has been sent.
    const safe = /\bcopy\b[^;]*\bfrom\s+stdin\b/i.test(sql)
      ? frame(type, message.subarray(5, name.end), REFUSE_COPY, message.subarray(end))
      : message;
    if (name.text !== '') this.statements.add(this.nameOf(name.text));
    return type === 'P' ? this.renamed(safe, 5) : safe;
  }

  /** Two clients may give a statement the same name: each gets a name of its own. */
  private renamed(message: Buffer, at: number): Buffer {
    const { text, end } = textAt(message, at);
    if (text === '') return message;
    const type = String.fromCharCode(message[0]!);
    return frame(type, message.subarray(5, at), cString(this.nameOf(text)), message.subarray(end));
  }

  private nameOf(statement: string): string {
    return `${this.id}:${statement}`;
  }

  private followChannels(sql: string): void {
    if (!/^\s*(un)?listen\b/i.test(sql)) return;
    for (const [, un, name = ''] of sql.matchAll(CHANNEL)) {
      const channel = name.startsWith('"')
        ? name.slice(1, -1).replaceAll('""', '"')
        : name.toLowerCase();
      if (un === undefined) this.channels.add(channel);
      else if (channel === '*') this.channels.clear();
      else this.channels.delete(channel);
    }
  }
}
