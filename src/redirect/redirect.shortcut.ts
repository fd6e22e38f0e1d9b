import type { Server } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ServerConfig } from '../../config/server.config.js';
import { ClickRecorderService } from '../analytics/recording/click-recorder.service.js';
import { Clock } from '../common/clock.js';
import { ConnectionLimits } from '../http/connection-limits.js';
import { headersOfAll } from '../http/security-headers.js';
import { addShortcut } from '../http/shortcut.js';
import type { ShortcutReply, ShortcutRequest } from '../http/shortcut.types.js';
import { LinkResolverService } from '../links/link-resolver.service.js';
import type { RedirectTarget } from '../links/links.types.js';
import { LifecycleService } from '../observability/lifecycle.service.js';
import { ClickCaptor } from './click-captor.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { decide, SHORT_CODE } from './redirect.policy.js';

/**
 * Answers what nearly all visitors ask for, a link without a click limit, before Fastify sees the
 * request. Whatever else it may be is left to RedirectRoute, which gives the same answers to the same
 * requests.
 */
@Injectable()
export class RedirectShortcut implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly resolver: LinkResolverService,
    private readonly recorder: ClickRecorderService,
    private readonly captor: ClickCaptor,
    private readonly metrics: RedirectMetrics,
    private readonly clock: Clock,
    private readonly lifecycle: LifecycleService,
    private readonly config: ServerConfig,
    private readonly connections: ConnectionLimits,
  ) {}

  onModuleInit(): void {
    addShortcut(
      this.host.httpAdapter.getHttpServer() as Server,
      (request, reply) => this.handle(request, reply),
      headersOfAll(this.config.publicUrl),
      (socket) => this.connections.admit(socket),
    );
  }

  /** Redirects, or leaves the request. */
  handle(request: ShortcutRequest, reply: ShortcutReply): void {
    // On its way out the framework tells clients to close their connections.
    if (this.lifecycle.isStopping) return reply.leave();
    const startedAt = performance.now();
    const { url } = request;
    const queryAt = url.indexOf('?');
    const code = queryAt === -1 ? url.slice(1) : url.slice(1, queryAt);
    const known = this.resolver.peek(code);
    if (known !== undefined) {
      if (this.redirects(known, request, reply, startedAt)) this.resolver.noteHit();
      return;
    }
    if (!SHORT_CODE.test(code) || this.isOfTheService(code)) return reply.leave();
    this.resolver.resolve(code).then(
      (target) => this.redirects(target, request, reply, startedAt),
      () => reply.leave(),
    );
  }

  /** Whether the path is that of health checks or the like, which no database may hold up. */
  private isOfTheService(code: string): boolean {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    return server.hasRoute({ method: 'GET', url: `/${code}` });
  }

  /** Whether it sends the visitor on; the rest it leaves. */
  private redirects(
    target: RedirectTarget | null,
    request: ShortcutRequest,
    reply: ShortcutReply,
    startedAt: number,
  ): boolean {
    const now = this.clock.now();
    if (decide(target, now) !== 'redirect' || target!.maxClicks !== null) {
      reply.leave();
      return false;
    }
    const { linkId, status, url } = target!;
    this.recorder.record(this.captor.capture(linkId, request, now), () => {
      reply.redirect(status, url);
      this.metrics.count('redirect', startedAt);
    });
    return true;
  }
}
