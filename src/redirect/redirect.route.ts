import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServerConfig } from '../../config/server.config.js';
import { ClickRecorderService } from '../analytics/recording/click-recorder.service.js';
import { Clock } from '../common/clock.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { sendProblem } from '../common/problem/problem.filter.js';
import { databaseUnavailable } from '../database/database.service.js';
import { ClickBudgetService } from '../links/click-budget.service.js';
import { LinkResolverService } from '../links/link-resolver.service.js';
import type { RedirectTarget } from '../links/links.types.js';
import { OpenApiFragments } from '../openapi/openapi.fragments.js';
import { ClientAddress } from './client-address.js';
import { type Outcome, RedirectMetrics } from './redirect.metrics.js';
import { redirectFragment } from './redirect.openapi.js';
import { decide, spendsClick } from './redirect.policy.js';
import { PAGE_POLICY, shortLinkPage } from './short-link.page.js';

/** Longer header values are cut: no report needs them whole. */
const MAX_HEADER = 512;
const SHORT_CODE = /^[A-Za-z0-9_-]{1,64}$/;
const RETRY_AFTER_SECONDS = '2';

type ShortLinkRequest = FastifyRequest<{ Params: { code: string } }>;

/**
 * GET and HEAD /{code}: resolve, decide, record, answer. A plain Fastify route in a context without
 * hooks, since Nest's pipeline would cost a fifth of the throughput; and without async functions
 * while the answer is in memory, for the same reason.
 */
@Injectable()
export class RedirectRoute implements OnModuleInit {
  private readonly logger = new Logger(RedirectRoute.name);
  private readonly addresses: ClientAddress;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly resolver: LinkResolverService,
    private readonly budget: ClickBudgetService,
    private readonly recorder: ClickRecorderService,
    private readonly metrics: RedirectMetrics,
    private readonly clock: Clock,
    server: ServerConfig,
    openApi: OpenApiFragments,
  ) {
    this.addresses = new ClientAddress(server.trustedProxies);
    openApi.add(redirectFragment);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.bare.route<{ Params: { code: string } }>({
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
    if (known !== undefined) return this.answer(known, request, reply, startedAt);
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
    if (decision === 'not-found') return this.refuse('not_found', request, reply, startedAt);
    if (decision === 'gone' || target!.spent) return this.refuse('gone', request, reply, startedAt);
    const link = target!;
    if (request.method === 'HEAD') return this.redirect(link, reply, startedAt);
    if (link.maxClicks === null) return this.record(link, request, reply, startedAt);
    if (!spendsClick(request.headers['user-agent'] ?? '', isPrefetch(request))) {
      return this.record(link, request, reply, startedAt);
    }
    this.budget.spend(link).then(
      (granted) => {
        if (granted) this.record(link, request, reply, startedAt);
        else this.refuse('gone', request, reply, startedAt);
      },
      (error: unknown) => this.refuse('unavailable', request, reply, startedAt, error),
    );
  }

  /** The click is durable before the visitor is sent on. */
  private record(
    link: RedirectTarget,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
  ): void {
    const { headers, raw } = request;
    const url = raw.url!;
    const queryAt = url.indexOf('?');
    this.recorder.record(
      {
        clickedAt: this.clock.now(),
        linkId: link.linkId,
        address: this.addresses.of(raw),
        userAgent: cut(headers['user-agent']),
        referrer: cut(headers.referer),
        language: cut(headers['accept-language']),
        query: queryAt === -1 ? '' : url.slice(queryAt + 1, queryAt + 1 + 2 * MAX_HEADER),
        isPrefetch: isPrefetch(request),
      },
      () => this.redirect(link, reply, startedAt),
    );
  }

  private redirect(link: RedirectTarget, reply: FastifyReply, startedAt: number): void {
    void reply
      .code(link.status)
      .header('location', link.url)
      .header('cache-control', 'private, no-store')
      .send();
    this.metrics.count('redirect', startedAt);
  }

  private refuse(
    outcome: Exclude<Outcome, 'redirect'>,
    request: FastifyRequest,
    reply: FastifyReply,
    startedAt: number,
    cause?: unknown,
  ): void {
    const problem = problemOf(outcome, cause);
    if (cause !== undefined) this.logger.debug(`A short code was not looked up: ${String(cause)}`);
    void reply.header('x-request-id', request.id);
    if (request.headers.accept?.includes('text/html')) {
      void reply
        .code(problem.status)
        .headers({ ...problem.headers, 'cache-control': 'private, no-store' })
        .header('content-security-policy', PAGE_POLICY)
        .type('text/html; charset=utf-8')
        .send(shortLinkPage(problem));
    } else {
      sendProblem(problem, request, reply);
    }
    this.metrics.count(outcome, startedAt);
  }
}

function problemOf(outcome: Exclude<Outcome, 'redirect'>, cause: unknown): ProblemError {
  if (outcome === 'not_found') {
    return new ProblemError('link-not-found', {
      detail: 'There is no short link at this address.',
    });
  }
  if (outcome === 'gone') {
    return new ProblemError('link-gone', {
      detail: 'This short link has expired, was deleted, or has been used as often as it may be.',
    });
  }
  const problem = databaseUnavailable(cause);
  problem.headers['retry-after'] = RETRY_AFTER_SECONDS;
  return problem;
}

const cut = (header: string | undefined): string =>
  header === undefined ? '' : header.length > MAX_HEADER ? header.slice(0, MAX_HEADER) : header;

/** Fetched ahead of a click that may never come (Fetch Standard, Sec-Purpose; Safari, Firefox: Purpose, X-Moz). */
function isPrefetch({ headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz'];
  return typeof purpose === 'string' && /prefetch|prerender|preview/i.test(purpose);
}
