import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { VisitorsConfig } from '../../config/visitors.config.js';
import { isForPrograms, PAGE_HEADERS, prefersPage } from '../common/page.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { sendProblem } from '../common/problem/problem.filter.js';
import { HostsService } from '../domains/hosts.service.js';
import { databaseUnavailable } from '../platform/database/database.service.js';
import { networkOf } from '../platform/http/client-address.js';
import { hostOfRequest } from '../platform/http/host-header.js';
import { OpenApiFragments } from '../platform/openapi/openapi.fragments.js';
import { RateLimitsService } from '../rate-limits/rate-limits.service.js';
import { FORM_HEADERS, passwordForm } from './password-form.js';
import { previewPage } from './preview.page.js';
import { PreviewsService } from './previews.service.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { redirectFragment } from './redirect.openapi.js';
import { RedirectService, SHORT_CODE } from './redirect.service.js';
import type { Refusal, WholeAnswer } from './redirect.types.js';

export interface ShortLink {
  Params: { code: string; '*'?: string };
}
export type ShortLinkRequest = FastifyRequest<ShortLink>;

/** A code where no part of the service has its paths. */
export const CODE = '/:code((?!(?:api|docs|health|metrics)$)[A-Za-z0-9_-]{1,64})';

const RETRY_AFTER_SECONDS = '2';

/** Behind a code it asks where the link leads. */
const PREVIEW = '+';

const PREVIEW_HEADERS = {
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
  'referrer-policy': 'no-referrer',
  vary: 'accept',
};

/**
 * GET and HEAD /{code}, with every answer that a short link can have. A plain Fastify route without
 * hooks, since Nest's pipeline would cost a fifth of the throughput.
 */
@Injectable()
export class RedirectRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly redirects: RedirectService,
    private readonly metrics: RedirectMetrics,
    private readonly visitors: VisitorsConfig,
    private readonly limits: RateLimitsService,
    private readonly previews: PreviewsService,
    private readonly hosts: HostsService,
    openApi: OpenApiFragments,
  ) {
    openApi.add(redirectFragment);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    for (const url of ['/:code', `${CODE}/*`]) {
      server.route<ShortLink>({
        config: { isShortLink: true },
        method: ['GET', 'HEAD'],
        url,
        logLevel: 'silent',
        handler: (request, reply) => this.handle(request, reply),
      });
    }
  }

  private handle(request: ShortLinkRequest, reply: FastifyReply): void {
    const startedAt = performance.now();
    const { code } = request.params;
    if (code.endsWith(PREVIEW)) {
      void this.preview(code.slice(0, -PREVIEW.length), request, reply, startedAt);
      return;
    }
    // Decoded, it may be anything.
    if (!SHORT_CODE.test(code)) return this.refuse('not_found', request, reply, startedAt);
    const answer: WholeAnswer = {
      redirect: (status, location) => sendOn(reply, status, location),
      refuse: (refusal, cause) => {
        if (refusal === 'not_found') this.refuseUnknown(request, reply, startedAt);
        else this.refuse(refusal, request, reply, startedAt, cause);
      },
    };
    if (isDeeper(request)) this.redirects.followDeeper(code, request, answer);
    else this.redirects.follow(code, request, answer);
  }

  /** Codes are counted for the address, so that whoever tries them is slowed down, and seen. */
  private refuseUnknown(request: ShortLinkRequest, reply: FastifyReply, startedAt: number): void {
    const refuse = (refusal: Refusal, cause?: unknown): void =>
      this.refuse(refusal, request, reply, startedAt, cause);
    this.limits.consume('unknown-codes', networkOf(request.client.address)).then(
      () => refuse(isDeeper(request) ? 'no_path' : 'not_found'),
      (problem: unknown) => refuse('limited', problem),
    );
  }

  /** Every preview is counted like an unknown code: it costs more than a redirect. */
  private async preview(
    code: string,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
  ): Promise<void> {
    const refuse = (refusal: Refusal, cause?: unknown): void =>
      this.refuse(refusal, request, reply, startedAt, cause);
    try {
      await this.limits.consume('unknown-codes', networkOf(request.client.address));
    } catch (problem) {
      return refuse('limited', problem);
    }
    try {
      const preview = await this.previews.preview(code, request);
      if (typeof preview === 'string') return refuse(preview);
      void reply.headers(PREVIEW_HEADERS);
      if (prefersPage(request.headers.accept)) {
        void reply.headers(PAGE_HEADERS).send(previewPage(preview));
      } else void reply.send(preview);
    } catch (error) {
      refuse('unavailable', error);
    }
  }

  private refuse(
    refusal: Refusal,
    request: ShortLinkRequest,
    reply: FastifyReply,
    startedAt: number,
    cause?: unknown,
  ): void {
    const elsewhere = this.elsewhere(refusal, request);
    if (refusal === 'locked' && prefersPage(request.headers.accept)) {
      void reply.headers(FORM_HEADERS).send(passwordForm('Please enter it to go on.'));
    } else if (elsewhere === undefined) {
      void reply.header('x-request-id', request.id);
      sendProblem(problemOf(refusal, cause), request, reply);
    } else sendOn(reply, 302, elsewhere);
    this.metrics.count(refusal, startedAt);
  }

  /** Where the operator sends those whose code leads nowhere. What is no code is refused, file names too. */
  private elsewhere(refusal: Refusal, request: ShortLinkRequest): string | undefined {
    if (refusal === 'gone') return this.visitors.expiredRedirectUrl;
    const { code } = request.params;
    const isCode = SHORT_CODE.test(code) && !isForPrograms(`/${code}`);
    if (refusal !== 'not_found' || !isCode) return undefined;
    const { notFoundRedirectUrl } = this.hosts.find(hostOfRequest(request)) ?? this.visitors;
    return notFoundRedirectUrl ?? undefined;
  }
}

const isDeeper = ({ params }: ShortLinkRequest): boolean => params['*'] !== undefined;

function sendOn(reply: FastifyReply, status: number, url: string): void {
  void reply
    .code(status)
    .header('location', url)
    .header('cache-control', 'private, no-store')
    .send();
}

/** A person gets it as a page, a program as JSON. */
function problemOf(refusal: Refusal, cause: unknown): ProblemError {
  if (refusal === 'not_found') {
    return linkNotFound();
  }
  if (refusal === 'no_path') {
    return nothingBehind();
  }
  if (refusal === 'gone') {
    return new ProblemError('link-gone', {
      detail: 'This short link has expired, was deleted, or has been used as often as it may be.',
    });
  }
  if (refusal === 'switched_off') {
    return new ProblemError('link-switched-off', {
      detail: 'The owner of this short link has switched it off.',
    });
  }
  // Why it was done is for the workspace and administrators: it may name people.
  if (refusal === 'disabled') {
    return new ProblemError('link-disabled', {
      detail: 'An administrator of this service has disabled this short link.',
    });
  }
  if (refusal === 'blocked') {
    return new ProblemError('link-blocked', {
      detail: 'This short link leads to a host that is blocked on this service.',
    });
  }
  if (refusal === 'limited') return cause as ProblemError;
  if (refusal === 'locked') {
    return new ProblemError('password-required', {
      detail:
        'This short link has a password. POST it to this address as the form field "password".',
      headers: { 'www-authenticate': 'Form realm="short link"' },
    });
  }
  return lookupFailed(cause);
}

export const linkNotFound = (): ProblemError =>
  new ProblemError('link-not-found', { detail: 'There is no short link at this address.' });

/** As of any path that is none. */
export const nothingBehind = (): ProblemError =>
  new ProblemError('not-found', { detail: 'There is nothing at this path.' });

/** Nobody can tell where the link leads. */
export function lookupFailed(cause: unknown): ProblemError {
  const problem = databaseUnavailable(cause);
  problem.headers['retry-after'] = RETRY_AFTER_SECONDS;
  return problem;
}
