import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ServerConfig } from '../../../config/server.config.js';
import { type FastPath, HttpConnections } from '../../platform/http/http-connections.js';
import { type Headers, headersOfAll } from '../../platform/http/security-headers.js';
import { LifecycleService } from '../../platform/observability/lifecycle.service.js';
import { RedirectService } from '../redirect.service.js';
import type { FastAnswer, VisitorRequest } from '../redirect.types.js';
import { PlainConnections } from './plain-connections.js';

/**
 * Answers what nearly all visitors ask for, a link without a click limit, before Fastify sees the
 * request; and on plain connections, unless they are switched off, before Node's HTTP does. What the two
 * do for a request costs more than the redirect itself. Whatever else it may be is left to
 * RedirectRoute.
 */
@Injectable()
export class RedirectFastPath implements OnModuleInit, FastPath {
  connection: FastPath['connection'];
  private readonly headersOfAll: Headers;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly connections: HttpConnections,
    private readonly redirects: RedirectService,
    private readonly lifecycle: LifecycleService,
    private readonly config: ServerConfig,
  ) {
    this.headersOfAll = headersOfAll(config.publicUrl);
  }

  onModuleInit(): void {
    if (this.config.plainConnections === 'on') {
      const plain = new PlainConnections(
        this.host.httpAdapter.getHttpServer() as Server,
        this.headersOfAll,
        (request, answer) => this.follow(request, answer),
      );
      this.connection = (socket: Socket, toNode) => plain.add(socket, toNode);
    }
    this.connections.use(this);
  }

  request(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    this.follow(request as IncomingMessage & VisitorRequest, {
      redirect: (status, location) => {
        response
          .writeHead(status, {
            location,
            'cache-control': 'private, no-store',
            ...this.headersOfAll,
            'content-length': '0',
          })
          .end();
      },
      leave: next,
    });
  }

  /** Redirects, or leaves the request. */
  private follow(request: VisitorRequest, answer: FastAnswer): void {
    // On its way out the framework tells clients to close their connections.
    if (this.lifecycle.isStopping) return answer.leave();
    const { url } = request;
    const queryAt = url.indexOf('?');
    const code = queryAt === -1 ? url.slice(1) : url.slice(1, queryAt);
    this.redirects.follow(code, request, answer);
  }
}
