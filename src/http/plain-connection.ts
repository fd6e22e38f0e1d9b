import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { readPlainRequest } from './plain-request.js';
import type { Shortcut } from './shortcut.types.js';

/** What a connection needs of its server. */
export interface PlainConnectionOwner {
  readonly shortcut: Shortcut;
  /** How long a connection may be silent. */
  readonly keepAliveMs: number;
  /** Takes over a connection, for good; what it has sent and nobody answered is in its buffer. */
  takeOver(connection: PlainConnection): void;
  /** The connection is closed. */
  forget(connection: PlainConnection): void;
}

/**
 * A connection on which a shortcut answers plain requests, one at a time, without Node's HTTP, which
 * takes longer than all the rest of a redirect. With the first request that is not plain, or that
 * the shortcut leaves alone, Node gets the connection.
 */
export class PlainConnection {
  private isAnswering = false;
  /** The client sends no more, but may be waiting for an answer. */
  private hasEnded = false;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainConnectionOwner,
  ) {
    socket.setTimeout(owner.keepAliveMs);
    socket.on('data', this.onData);
    socket.on('end', this.onEnd);
    socket.on('timeout', this.onTimeout);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
  }

  /** Closes it, unless an answer is due. */
  closeIfIdle(): void {
    if (!this.isAnswering) this.socket.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    const { socket } = this;
    // A client that does not wait for answers, or does not read them, is Node's to slow down.
    if (!this.isAnswering && !socket.writableNeedDrain) {
      const request = readPlainRequest(chunk);
      if (request) {
        this.isAnswering = true;
        const { url, headers } = request;
        if (this.owner.shortcut({ url, headers, socket }, this.redirect)) return;
        this.isAnswering = false;
      }
    }
    socket.pause();
    socket.unshift(chunk);
    if (!this.isAnswering) this.handOver();
  };

  /** The headers are those that Node would send. */
  private readonly redirect = (status: number, location: string): void => {
    const { socket, owner } = this;
    this.isAnswering = false;
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nlocation: ${location}\r\n` +
        `cache-control: private, no-store\r\ncontent-length: 0\r\nDate: ${httpDate()}\r\n` +
        `Connection: keep-alive\r\nKeep-Alive: timeout=${owner.keepAliveMs / 1000}\r\n\r\n`,
      'latin1',
    );
    if (this.hasEnded) socket.end();
    // There is a request waiting behind this one.
    else if (socket.isPaused()) this.handOver();
  };

  private readonly onEnd = (): void => {
    this.hasEnded = true;
    if (!this.isAnswering) this.socket.end();
  };

  private readonly onTimeout = (): void => this.closeIfIdle();

  /** The client has gone; the socket closes by itself. */
  private readonly onError = (): void => undefined;

  private readonly onClose = (): void => this.owner.forget(this);

  private handOver(): void {
    const { socket } = this;
    socket.setTimeout(0);
    socket.off('data', this.onData);
    socket.off('end', this.onEnd);
    socket.off('timeout', this.onTimeout);
    socket.off('error', this.onError);
    socket.off('close', this.onClose);
    this.owner.takeOver(this);
    socket.resume();
  }
}

let second = 0;
let date = '';

/** Now, as in a Date header (RFC 9110 §5.6.7). */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = new Date(now * 1000).toUTCString();
  }
  return date;
}
