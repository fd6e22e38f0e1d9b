import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { VisitorsConfig } from '../../config/visitors.config.js';
import { ClickRecorderService } from '../analytics/recording/click-recorder.service.js';
import { Clock } from '../common/clock.js';
import { isForPrograms } from '../common/page.js';
import { ClickBudgetService } from '../links/click-budget.service.js';
import { LinkResolverService } from '../links/link-resolver.service.js';
import type { RedirectTarget } from '../links/links.types.js';
import { networkOf } from '../http/client-address.js';
import { OpenApiFragments } from '../openapi/openapi.fragments.js';
import { RateLimitsService } from '../rate-limits/rate-limits.service.js';
import { ClickCaptor, isPrefetch, userAgentOf } from './click-captor.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { redirectFragment } from './redirect.openapi.js';
import { decide, SHORT_CODE, spendsClick } from './redirect.policy.js';
import { refuse, type Refusal } from './redirect.refusal.js';

type ShortLinkRequest = FastifyRequest<{ Params: { code: string } }>;

/**
 * GET and HEAD /{code}: resolve, decide, record, answer. A plain Fastify route without hooks,
 * since Nest's pipeline would cost a fifth of the throughput; and without async functions
 * while the answer is in memory, for the same reason.
 */
@Injectable()
export class RedirectRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly resolver: LinkResolverService,
    private readonly budget: ClickBudgetService,
    private readonly recorder: ClickRecorderService,
    private readonly captor: ClickCaptor,
    private readonly metrics: RedirectMetrics,
    private readonly clock: Clock,
    private readonly visitors: VisitorsConfig,
    private readonly limits: RateLimitsService,
    openApi: OpenApiFragments,
  ) {
    openApi.add(redirectFragment);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.route<{ Params: { code: string } }>({
      config: { isShortLink: true },
      method: ['GET', 'HEAD'],
      url: '/:code',
      logLevel: 'silent',
      handler: (request, reply) => this.handle(request, reply),
    });
  }

  private handle(request: ShortLinkRequest, reply: FastifyReply): void {
    const startedAt = performance.now();
    const { code } = request.params;
    if (!SHORT_CODE.test(code)) return this.refuse('not_found', request, reply, startedAt);
    const known = this.resolver.peek(code);
    if (known !== undefined) {
      this.resolver.noteHit();
      return this.answer(known, request, reply, startedAt);
    }
    this.resolver.resolve(code).then(
      (target) => this.answer(target, request, reply, startedAt),
      (error: unknown) => this.refuse('unavailable', request, reply, startedAt, error),
    );
  }

  private answer(
    target: RedirectTarget | null,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
  ): void {
    const decision = decide(target, this.clock.now());
    if (decision === 'not-found') return this.refuseUnknown(request, reply, startedAt);
    const link = target!;
    if (decision === 'gone') return this.refuse(reasonOf(link), request, reply, startedAt);
    if (link.spent) return this.refuse('gone', request, reply, startedAt);
    if (link.maxClicks === null) return this.grant(link, request, reply, startedAt);
    this.mayPass(link, request).then(
      (granted) => {
        if (granted) this.grant(link, request, reply, startedAt);
        else this.refuse('gone', request, reply, startedAt);
      },
      (error: unknown) => this.refuse('unavailable', request, reply, startedAt, error),
    );
  }

  /** Of a link with a limit: who spends no click is told the truth about it, too. */
  private async mayPass(link: RedirectTarget, request: ShortLinkRequest): Promise<boolean> {
    const { method, headers } = request;
    const spends = method !== 'HEAD' && spendsClick(userAgentOf(headers), isPrefetch(headers));
    return spends ? this.budget.spend(link) : !(await this.budget.isSpent(link));
  }

  /** HEAD is no click. */
  private grant(
    link: RedirectTarget,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
  ): void {
    if (request.method === 'HEAD') this.redirect(link, reply, startedAt);
    else this.record(link, request, reply, startedAt);
  }

  /** The click is durable before the visitor is sent on. */
  private record(
    link: RedirectTarget,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
  ): void {
    this.recorder.record(this.captor.capture(link.linkId, request, this.clock.now()), () =>
      this.redirect(link, reply, startedAt),
    );
  }

  private redirect(link: RedirectTarget, reply: FastifyReply, startedAt: number): void {
    sendOn(reply, link.status, link.url);
    this.metrics.count('redirect', startedAt);
  }

  /** Counted for the address, so that whoever tries codes is slowed down, and seen. */
  private refuseUnknown(request: ShortLinkRequest, reply: FastifyReply, startedAt: number): void {
    this.limits.consume('unknown-codes', networkOf(request.client.address)).then(
      () => this.refuse('not_found', request, reply, startedAt),
      (problem: unknown) => this.refuse('limited', request, reply, startedAt, problem),
    );
  }

  private refuse(
    outcome: Refusal,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
    cause?: unknown,
  ): void {
    const elsewhere = this.elsewhere(outcome, request);
    if (elsewhere === undefined) refuse(outcome, request, reply, cause);
    else sendOn(reply, 302, elsewhere);
    this.metrics.count(outcome, startedAt);
  }

  /** Where the operator sends those whose code leads nowhere. What is no code is refused, file names too. */
  private elsewhere(outcome: Refusal, { params }: ShortLinkRequest): string | undefined {
    const { notFoundRedirectUrl, expiredRedirectUrl } = this.visitors;
    if (outcome === 'gone') return expiredRedirectUrl;
    const isCode = SHORT_CODE.test(params.code) && !isForPrograms(`/${params.code}`);
    return outcome === 'not_found' && isCode ? notFoundRedirectUrl : undefined;
  }
}

function sendOn(reply: FastifyReply, status: number, url: string): void {
  void reply
    .code(status)
    .header('location', url)
    .header('cache-control', 'private, no-store')
    .send();
}

/** The policy tells only that it is gone; whoever reads the page wants to know what became of it. */
const reasonOf = ({ withheld }: RedirectTarget): Refusal =>
  withheld === 'disabled' || withheld === 'blocked' ? withheld : 'gone';
