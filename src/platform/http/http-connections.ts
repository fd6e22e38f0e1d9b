import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ServerConfig } from '../../../config/server.config.js';
import { ConnectionLimits } from './connection-limits.js';
import { hasOneHost, refuseHost } from './host-header.js';
import { NodeConnection } from './node-connection.js';
import { headersOfAll } from './security-headers.js';

type Listener = (...args: unknown[]) => void;

/** What may answer a visitor before the framework does. */
export interface FastPath {
  /** Answers a GET, or calls `next`, once, to have the framework do it. */
  request(request: IncomingMessage, response: ServerResponse, next: () => void): void;
  /** Takes a new connection. `toNode` gives it to Node's HTTP, with what its socket has to read then. */
  connection?(socket: Socket, toNode: () => void): void;
}

/**
 * The connections of the server and the requests on them, before the framework sees either: limits how
 * many there are, how much of one is under way, and refuses requests for no host.
 */
@Injectable()
export class HttpConnections implements OnModuleInit {
  private fastPath: FastPath | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: ServerConfig,
    private readonly limits: ConnectionLimits,
  ) {}

  /** Before the server listens. */
  use(fastPath: FastPath): void {
    this.fastPath = fastPath;
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    this.handleRequests(server);
    this.handleConnections(server);
  }

  private handleRequests(server: Server): void {
    const frameworkListeners = takeListeners(server, 'request');
    const headers = headersOfAll(this.config.publicUrl);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      NodeConnection.of(request.socket)?.begin(request, response);
      const hasHost = hasOneHost(request);
      const next = (): void => {
        for (const name in headers) response.setHeader(name, headers[name]!);
        if (!hasHost) return refuseHost(request, response);
        for (const listener of frameworkListeners) listener.call(server, request, response);
      };
      if (request.method === 'GET' && hasHost && this.fastPath) {
        this.fastPath.request(request, response, next);
      } else next();
    });
  }

  private handleConnections(server: Server): void {
    const nodeListeners = takeListeners(server, 'connection');
    const toNode = (socket: Socket): void => {
      for (const listener of nodeListeners) listener.call(server, socket);
      NodeConnection.attach(socket);
    };
    server.on('connection', (socket: Socket) => {
      if (!this.limits.admit(socket)) return;
      if (this.fastPath?.connection) this.fastPath.connection(socket, () => toNode(socket));
      else toNode(socket);
    });
    // Who has sent a request and then an end is answered all the same; a switch that Node's types lack.
    Object.assign(server, { httpAllowHalfOpen: true });
  }
}

function takeListeners(server: Server, event: 'connection' | 'request'): Listener[] {
  const listeners = server.listeners(event) as Listener[];
  server.removeAllListeners(event);
  return listeners;
}
