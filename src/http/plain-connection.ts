import type { Socket } from 'node:net';
import { readPlainRequest } from './plain-request.js';
import type { RedirectAnswers } from './redirect-answers.js';
import type { Shortcut, ShortcutReply, ShortcutRequest } from './shortcut.types.js';

/** A client that has just connected has its request on the way. */
const FIRST_REQUEST_MS = 1_000;

/** What a connection needs of its server. */
export interface PlainConnectionOwner {
  readonly shortcut: Shortcut;
  readonly answers: RedirectAnswers;
  /** Gives the socket to Node, for good. */
  takeOver(connection: PlainConnection): void;
  /** The connection is closed. */
  forget(connection: PlainConnection): void;
}

/**
 * A connection on which a shortcut answers plain requests, one at a time, without Node's HTTP, which
 * takes longer than all the rest of a redirect. With the first request that is not plain, or that
 * the shortcut leaves alone, Node gets the connection.
 */
export class PlainConnection implements ShortcutReply {
  private readonly peer: ShortcutRequest['socket'];
  /** The request being answered, as it came. */
  private current: Buffer | undefined;
  private isSilent = false;
  /** Until when the first request is waited for; monotonic. */
  private isDueUntil = performance.now() + FIRST_REQUEST_MS;
  /** The client sends no more, but may be waiting for an answer. */
  private hasEnded = false;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainConnectionOwner,
  ) {
    this.peer = { remoteAddress: socket.remoteAddress };
    socket.on('data', this.onData);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
  }

  /** Closes it, unless an answer is due, or the first request. */
  closeIfIdle(): void {
    if (!this.current && performance.now() >= this.isDueUntil) this.socket.destroy();
  }

  /** Closes it if nothing has come since the last time this was called. */
  closeIfSilent(): void {
    if (this.isSilent && !this.current) this.socket.destroy();
    this.isSilent = true;
  }

  redirect(status: number, location: string): void {
    const { socket, owner } = this;
    this.current = undefined;
    socket.write(owner.answers.of(status, location), 'latin1');
    if (this.hasEnded) socket.end();
    else if (socket.isPaused() && !socket.destroyed) {
      this.handOver();
      socket.resume();
    }
  }

  /** Gives the connection to Node, beginning with the request being answered. */
  leave(): void {
    const { socket, current, hasEnded } = this;
    if (socket.destroyed) return;
    this.handOver();
    if (!hasEnded) {
      socket.pause();
      socket.unshift(current);
      socket.resume();
      return;
    }
    // The socket will tell no more of it, but Node has to hear what has come, and of its end.
    socket.emit('data', current);
    socket.emit('end');
  }

  private readonly onData = (chunk: Buffer): void => {
    const { socket } = this;
    this.isSilent = false;
    this.isDueUntil = 0;
    if (this.current) {
      // Whoever sends the next request before the answer of this one is Node's after that.
      socket.pause();
      socket.unshift(chunk);
      return;
    }
    this.current = chunk;
    // A client that does not read its answers is Node's to slow down.
    const request = socket.writableNeedDrain ? undefined : readPlainRequest(chunk);
    if (!request) return this.leave();
    const { url, headers } = request;
    this.owner.shortcut({ url, headers, socket: this.peer }, this);
  };

  private readonly onEnd = (): void => {
    this.hasEnded = true;
    if (!this.current) this.socket.end();
  };

  /** The client has gone; the socket closes by itself. */
  private readonly onError = (): void => undefined;

  private readonly onClose = (): void => this.owner.forget(this);

  private handOver(): void {
    const { socket } = this;
    socket.off('data', this.onData);
    socket.off('end', this.onEnd);
    socket.off('error', this.onError);
    socket.off('close', this.onClose);
    this.owner.takeOver(this);
  }
}
