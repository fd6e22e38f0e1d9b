import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ClickRecorderService } from '../analytics/recording/click-recorder.service.js';
import { Clock } from '../common/clock.js';
import { isBot, isHttpTool } from '../common/user-agent.js';
import { HostsService } from '../domains/hosts.service.js';
import type { RedirectTarget } from '../links/links.types.js';
import { hostOfRequest } from '../platform/http/host-header.js';
import { ClickBudgetService } from './click-budget.service.js';
import { ClickFactory, isPrefetch, userAgentOf } from './click.factory.js';
import { linkKey } from './link-key.js';
import { LinkResolverService } from './link-resolver.service.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { pathBehindCode, staysBelow } from './forwarding.js';
import type { RedirectAnswer, Refusal, VisitorRequest, WholeAnswer } from './redirect.types.js';
import { chooseTarget, type TargetChoice } from './target-choice.js';
import { UnlockCookies } from './unlock-cookies.js';
import { VisitorFactory } from './visitor.factory.js';

/** What may be the code of a link; nothing else is looked up. */
export const SHORT_CODE = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Follows a short link: resolve, decide, record, answer. The route and the fast path both end here, so
 * that the same request gets the same answer on every way. No async function stands between a link in
 * memory and its answer: that would be some per cent of a redirect.
 */
@Injectable()
export class RedirectService {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly resolver: LinkResolverService,
    private readonly budget: ClickBudgetService,
    private readonly recorder: ClickRecorderService,
    private readonly clicks: ClickFactory,
    private readonly metrics: RedirectMetrics,
    private readonly clock: Clock,
    private readonly cookies: UnlockCookies,
    private readonly visitors: VisitorFactory,
    private readonly hosts: HostsService,
  ) {}

  follow(code: string, request: VisitorRequest, answer: RedirectAnswer): void {
    const startedAt = performance.now();
    const key = this.hosts.isOnlyDefault ? code : this.keyOf(code, request);
    const known = this.resolver.peek(key);
    if (known !== undefined) {
      if (this.decide(known, request, answer, startedAt)) this.resolver.noteHit();
      return;
    }
    if (!SHORT_CODE.test(code) || this.isOfTheService(code)) return refuse(answer, 'not_found');
    this.find(code, request).then(
      (target) => this.decide(target, request, answer, startedAt),
      (error: unknown) => refuse(answer, 'unavailable', error),
    );
  }

  /** As `follow`, with a path behind the code, which is there for links that forward it. */
  followDeeper(code: string, request: VisitorRequest, answer: WholeAnswer): void {
    const startedAt = performance.now();
    this.find(code, request).then(
      (target) => {
        if (!target) answer.refuse('not_found');
        else if (target.options?.forwardPath && staysBelow(pathBehindCode(request.url)))
          this.decide(target, request, answer, startedAt);
        else answer.refuse('no_path');
      },
      (error: unknown) => answer.refuse('unavailable', error),
    );
  }

  /** Where the link would lead at this moment, or why nowhere; nothing is counted or spent. */
  async look(code: string, request: VisitorRequest): Promise<RedirectTarget | Refusal> {
    if (!SHORT_CODE.test(code) || this.isOfTheService(code)) return 'not_found';
    const target = await this.find(code, request);
    const decision = decide(target, this.clock.now());
    if (decision !== 'redirect') return decision;
    const isSpent = target!.maxClicks !== null && (await this.budget.isSpent(target!));
    return isSpent ? 'gone' : target!;
  }

  /** The target of the code on the host that the request is for. Rejects if nobody can tell. */
  async find(code: string, request: VisitorRequest): Promise<RedirectTarget | null> {
    if (!SHORT_CODE.test(code)) return null;
    await this.hosts.whenLoaded();
    return this.resolver.resolve(this.keyOf(code, request));
  }

  private keyOf(code: string, request: VisitorRequest): string {
    return linkKey(this.hosts.find(hostOfRequest(request))?.host ?? '', code);
  }

  /** Whether the path is that of health checks or the like, which no database may hold up. */
  private isOfTheService(code: string): boolean {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    return server.hasRoute({ method: 'GET', url: `/${code}` });
  }

  /** @returns whether the request is answered here, now or later */
  private decide(
    target: RedirectTarget | null,
    request: VisitorRequest,
    answer: RedirectAnswer,
    startedAt: number,
  ): boolean {
    const now = this.clock.now();
    const decision = decide(target, now);
    if (decision !== 'redirect') return this.refuse(target, decision, answer, startedAt);
    const link = target!;
    const isLocked = link.options !== undefined && link.options.passwordHash !== null;
    if (link.maxClicks === null && !isLocked) {
      this.pass(link, request, answer, startedAt, now);
      return true;
    }
    if (answer.leave) {
      answer.leave();
      return false;
    }
    if (isLocked && !this.cookies.open(link, request.headers.cookie, now)) {
      answer.refuse('locked');
      return true;
    }
    if (link.maxClicks === null) {
      this.pass(link, request, answer, startedAt, now);
      return true;
    }
    this.mayPass(link, request).then(
      (granted) => {
        if (granted) this.pass(link, request, answer, startedAt, this.clock.now());
        else this.refuse(link, 'gone', answer, startedAt);
      },
      (error: unknown) => answer.refuse('unavailable', error),
    );
    return true;
  }

  /**
   * A link that has expired or is used up may lead elsewhere. That is no click: it was refused.
   * @returns as `decide`
   */
  private refuse(
    target: RedirectTarget | null,
    refusal: Refusal,
    answer: RedirectAnswer,
    startedAt: number,
  ): boolean {
    const fallbackUrl = target?.options?.fallbackUrl ?? null;
    if (refusal !== 'gone' || fallbackUrl === null || target!.withheld !== null) {
      refuse(answer, refusal);
      return !answer.leave;
    }
    answer.redirect(302, fallbackUrl);
    this.metrics.count('gone', startedAt);
    return true;
  }

  /** Of a link with a limit: who spends no click is told the truth about it, too. */
  private async mayPass(link: RedirectTarget, request: VisitorRequest): Promise<boolean> {
    const { method, headers } = request;
    const spends =
      method !== 'HEAD' &&
      spendsClick(userAgentOf(headers), isPrefetch(headers)) &&
      !this.clicks.isUncounted(request);
    return spends ? this.budget.spend(link) : !(await this.budget.isSpent(link));
  }

  private pass(
    link: RedirectTarget,
    request: VisitorRequest,
    answer: RedirectAnswer,
    startedAt: number,
    now: number,
  ): void {
    const { options } = link;
    if (options === undefined) return this.grant(link, link, request, answer, startedAt, now);
    const choice = chooseTarget(link, options, request, now, this.visitors);
    if (options.trackClicks) return this.grant(link, choice, request, answer, startedAt, now);
    answer.redirect(link.status, choice.url);
    this.metrics.count('redirect', startedAt);
  }

  /** The click is durable before the visitor is sent on; HEAD is none. */
  private grant(
    { linkId, status }: RedirectTarget,
    { url, target }: TargetChoice,
    request: VisitorRequest,
    answer: RedirectAnswer,
    startedAt: number,
    now: number,
  ): void {
    const redirect = (): void => {
      answer.redirect(status, url);
      this.metrics.count('redirect', startedAt);
    };
    if (request.method === 'HEAD' || this.clicks.isUncounted(request)) redirect();
    else this.recorder.record(this.clicks.make(linkId, request, now, target), redirect);
  }
}

function refuse(answer: RedirectAnswer, refusal: Refusal, cause?: unknown): void {
  if (answer.leave) answer.leave();
  else answer.refuse(refusal, cause);
}

export type Decision = 'redirect' | 'not_found' | 'gone' | 'switched_off' | 'disabled' | 'blocked';

/** What a link answers at this time (Unix milliseconds); of its click limit only what is known already. */
export function decide(target: RedirectTarget | null, now: number): Decision {
  if (!target) return 'not_found';
  if (target.withheld !== null) return target.withheld === 'deleted' ? 'gone' : target.withheld;
  // A link that has not started yet tells nobody that it exists.
  if (target.startsAt !== null && now < target.startsAt) return 'not_found';
  if (target.expiresAt !== null && now >= target.expiresAt) return 'gone';
  return target.spent ? 'gone' : 'redirect';
}

/**
 * Whether a request uses up one of a link's clicks: those of people do, and of tools that people use.
 * Prefetches, previews and all other bots do not (docs/adr/0074).
 */
export const spendsClick = (userAgent: string, isFetchedAhead: boolean): boolean =>
  !isFetchedAhead && (isHttpTool(userAgent) || !isBot(userAgent));
