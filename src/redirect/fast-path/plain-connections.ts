import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Headers } from '../../platform/http/security-headers.js';
import type { FastAnswer, VisitorRequest } from '../redirect.types.js';
import { readPlainRequest } from './plain-request.js';

/** A client that has just connected has its request on the way. */
const FIRST_REQUEST_MS = 1_000;

/** Ends each request in one of the two ways of its answer, at once or later. */
type Follow = (request: VisitorRequest, answer: FastAnswer) => void;

/** The connections that ask for nothing but plain redirects, as Node would keep and end them. */
export class PlainConnections {
  private readonly open = new Set<PlainConnection>();
  private readonly answers: RedirectAnswers;

  constructor(
    server: Server,
    headersOfAll: Headers,
    private readonly follow: Follow,
  ) {
    this.answers = new RedirectAnswers(server.keepAliveTimeout, headersOfAll);
    // Timers of their own, set anew with each request, would take longer than to look at them all.
    const sweep = setInterval(() => {
      for (const connection of this.open) connection.closeIfSilent();
    }, server.keepAliveTimeout);
    sweep.unref();
    server.on('close', () => clearInterval(sweep));

    // Node does not know of these connections, but whoever ends the server ends them, too.
    const closeIdle = server.closeIdleConnections.bind(server);
    server.closeIdleConnections = () => {
      closeIdle();
      for (const connection of this.open) connection.closeIfIdle();
    };
    const closeAll = server.closeAllConnections.bind(server);
    server.closeAllConnections = () => {
      closeAll();
      for (const connection of this.open) connection.close();
    };
  }

  /** @param toNode gives the socket to Node's HTTP, for good */
  add(socket: Socket, toNode: () => void): void {
    const end = (): void => void this.open.delete(connection);
    const connection = new PlainConnection(socket, this.follow, this.answers, toNode, end);
    this.open.add(connection);
  }
}

/**
 * A connection on which plain requests are answered, one at a time, without Node's HTTP, which
 * takes longer than all the rest of a redirect. With the first request that is not plain, or that
 * is left alone, Node gets the connection.
 */
class PlainConnection implements FastAnswer {
  private readonly peer: VisitorRequest['socket'];
  /** The request being answered, as it came. */
  private current: Buffer | undefined;
  private isSilent = false;
  /** Until when the first request is waited for; monotonic. */
  private isDueUntil = performance.now() + FIRST_REQUEST_MS;
  /** The client sends no more, but may be waiting for an answer. */
  private hasEnded = false;

  /** @param onEnd told when the connection is closed, or Node's */
  constructor(
    private readonly socket: Socket,
    private readonly follow: Follow,
    private readonly answers: RedirectAnswers,
    private readonly toNode: () => void,
    private readonly onEnd: () => void,
  ) {
    this.peer = { remoteAddress: socket.remoteAddress };
    socket.on('data', this.onData);
    socket.on('end', this.onSocketEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onEnd);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Closes it, unless an answer is due, or the first request. */
  closeIfIdle(): void {
    if (!this.current && performance.now() >= this.isDueUntil) this.close();
  }

  /** Closes it if nothing has come since the last time this was called. */
  closeIfSilent(): void {
    if (this.isSilent && !this.current) this.close();
    this.isSilent = true;
  }

  redirect(status: number, location: string): void {
    const { socket } = this;
    this.current = undefined;
    socket.write(this.answers.of(status, location), 'latin1');
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
    this.follow({ method: 'GET', url, headers, socket: this.peer }, this);
  };

  private readonly onSocketEnd = (): void => {
    this.hasEnded = true;
    if (!this.current) this.socket.end();
  };

  /** The client has gone; the socket closes by itself. */
  private readonly onError = (): void => undefined;

  private handOver(): void {
    const { socket } = this;
    socket.off('data', this.onData);
    socket.off('end', this.onSocketEnd);
    socket.off('error', this.onError);
    socket.off('close', this.onEnd);
    this.onEnd();
    this.toNode();
  }
}

/** Redirects as Node would send them, byte for byte. */
class RedirectAnswers {
  /** The second (Unix time) that the end of the headers tells. */
  private second = 0;
  private end = '';

  /** @param keepAliveMs how long a silent connection is kept */
  constructor(
    private readonly keepAliveMs: number,
    private readonly headersOfAll: Headers,
  ) {}

  /** @param location a URL, which has neither line ends nor characters beyond ASCII */
  of(status: number, location: string): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.end = this.endOf(new Date(second * 1000));
    }
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nlocation: ${location}${this.end}`;
  }

  private endOf(date: Date): string {
    return [
      '',
      'cache-control: private, no-store',
      ...Object.entries(this.headersOfAll).map(([name, value]) => `${name}: ${value}`),
      'content-length: 0',
      `Date: ${date.toUTCString()}`,
      'Connection: keep-alive',
      `Keep-Alive: timeout=${Math.floor(this.keepAliveMs / 1000)}`,
      '',
      '',
    ].join('\r\n');
  }
}
