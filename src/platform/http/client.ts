import type { IncomingMessage } from 'node:http';
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../../common/problem/problem.error.js';
import { ClientAddress } from './client-address.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who has sent it; see `addClient`. */
    readonly client: Client;
  }
}

/** Who has sent a request. */
export interface Client {
  /** The real address, also behind trusted proxies. */
  address: string;
  /**
   * Aborted when the client hangs up: an answer that is still due then most likely reaches nobody. TCP
   * does not tell a client that has gone from one that only sends no more; the latter is answered with
   * the reason, which is a problem.
   */
  signal: AbortSignal;
  /** What it calls itself; empty if it does not. */
  userAgent: string;
}

const ofSockets = new WeakMap<Socket, AbortSignal>();

/** Lets every request tell its client, as `request.client`; nothing is done until somebody asks. */
export function addClient(server: FastifyInstance, trustedProxies: string[]): void {
  const addresses = new ClientAddress(trustedProxies);
  server.decorateRequest('client', {
    getter(this: FastifyRequest): Client {
      return {
        address: addresses.of(this.raw),
        signal: signalOf(this.raw),
        userAgent: this.raw.headers['user-agent'] ?? '',
      };
    },
  });
}

/** The handler parameter that receives the Client. */
export const CurrentClient = createParamDecorator(
  (_data: undefined, context: ExecutionContext): Client =>
    context.switchToHttp().getRequest<FastifyRequest>().client,
);

/**
 * One for all requests of a connection. Node tells no more of a request than that it has arrived,
 * and of a response that waits behind another one not even that its connection is gone.
 */
function signalOf({ socket }: IncomingMessage): AbortSignal {
  const known = ofSockets.get(socket);
  if (known) return known;
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  ofSockets.set(socket, gone.signal);
  if (socket.destroyed) gone.abort(aborted());
  else if (socket.readableEnded) gone.abort(hungUp());
  else {
    socket.once('end', () => gone.abort(hungUp()));
    socket.once('close', () => gone.abort(aborted()));
  }
  return gone.signal;
}

const hungUp = (): ProblemError =>
  new ProblemError('too-many-requests', {
    detail: 'You ended your side of the connection while your request had to wait. Keep it open.',
    headers: { 'retry-after': '1' },
  });

/** As Node says it to whoever reads the body of a client that has gone. */
const aborted = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
