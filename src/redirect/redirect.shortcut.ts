import type { Server } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ClickRecorderService } from '../analytics/recording/click-recorder.service.js';
import { Clock } from '../common/clock.js';
import { addShortcut } from '../http/shortcut.js';
import type { SendRedirect, ShortcutRequest } from '../http/shortcut.types.js';
import { LinkResolverService } from '../links/link-resolver.service.js';
import { LifecycleService } from '../observability/lifecycle.service.js';
import { ClickCaptor } from './click-captor.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { decide } from './redirect.policy.js';

/**
 * Answers what nearly all visitors ask for, a link that is in memory and has no click limit, before
 * Fastify sees the request. Whatever else it may be is left to RedirectRoute, which gives the same
 * answers to the same requests.
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
  ) {}

  onModuleInit(): void {
    addShortcut(this.host.httpAdapter.getHttpServer() as Server, (request, redirect) =>
      this.answers(request, redirect),
    );
  }

  /** Whether it answers the request. */
  private answers(request: ShortcutRequest, redirect: SendRedirect): boolean {
    // On its way out the framework tells clients to close their connections.
    if (this.lifecycle.isStopping) return false;
    const startedAt = performance.now();
    const { url } = request;
    const queryAt = url.indexOf('?');
    const target = this.resolver.peek(queryAt === -1 ? url.slice(1) : url.slice(1, queryAt));
    if (!target || target.maxClicks !== null) return false;
    const now = this.clock.now();
    if (decide(target, now) !== 'redirect') return false;
    this.resolver.noteHit();
    this.recorder.record(this.captor.capture(target.linkId, request, now), () => {
      redirect(target.status, target.url);
      this.metrics.count('redirect', startedAt);
    });
    return true;
  }
}
