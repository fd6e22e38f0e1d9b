import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { LinksService } from '../links/links.service.js';
import type { Link, RedirectTarget } from '../links/links.types.js';
import { HostsService } from '../domains/hosts.service.js';
import { ClickBudgetService } from './click-budget.service.js';
import { ClickFactory, userAgentOf } from './click.factory.js';
import type { Explanation, ImaginedVisit, Outcome } from './explain.types.js';
import { linkKey } from './link-key.js';
import { LookupBatcher } from './lookup-batcher.js';
import { decide, spendsClick } from './redirect.service.js';
import type { VisitorRequest } from './redirect.types.js';
import { chooseTarget } from './target-choice.js';
import { VisitorFactory } from './visitor.factory.js';

/**
 * Tells where a visitor would be sent, and why: by what a redirect decides with, and from the database,
 * so that it is true of the change a moment ago. It spends and records nothing, and shares queries with
 * the look-ups of redirects.
 */
@Injectable()
export class ExplainService {
  constructor(
    private readonly links: LinksService,
    private readonly lookups: LookupBatcher,
    private readonly budget: ClickBudgetService,
    private readonly visitors: VisitorFactory,
    private readonly clicks: ClickFactory,
    private readonly clock: Clock,
    private readonly hosts: HostsService,
  ) {}

  /** @throws ProblemError link-not-found */
  async explain(userId: string, linkId: string, visit: ImaginedVisit): Promise<Explanation> {
    const link = await this.links.get(userId, linkId);
    const key = linkKey(this.hosts.domainOf(link.domain)!, link.code);
    const found = await this.lookups.find(key);
    if (!found) throw new ProblemError('link-not-found', { detail: 'The link is gone.' });
    const isLimited = found.maxClicks !== null;
    const target = { ...found, spent: isLimited && (await this.budget.isSpent(found)) };
    const request = requestOf(link, visit);
    const now = visit.at ?? this.clock.now();
    const visitor = this.visitors.of(request, now, visit.country);
    const { options } = target;
    const choice = options
      ? chooseTarget(target, options, request, now, { of: () => visitor })
      : { url: target.url };
    const outcome = outcomeOf(target, now);
    const isRecorded = (options?.trackClicks ?? true) && !this.clicks.isUncounted(request);
    const leads = outcome === 'redirect' || outcome === 'password';
    const results = options?.rules?.explain(visitor) ?? [];
    return {
      outcome,
      url: leads ? choice.url : fallbackOf(target, outcome),
      target: (leads ? choice.target : undefined) ?? null,
      countsAsClick: leads && isRecorded && spendsClick(userAgentOf(request.headers), false),
      rules: results.map((reasons, index) => {
        const { name, url } = link.rules![index]!;
        return { index, name, url, matches: reasons.every(({ matches }) => matches), reasons };
      }),
    };
  }
}

function requestOf({ code }: Link, visit: ImaginedVisit): VisitorRequest {
  const { userAgent, language, referrer, query, address } = visit;
  return {
    method: 'GET',
    url: query ? `/${code}?${query}` : `/${code}`,
    headers: { 'user-agent': userAgent, 'accept-language': language, referer: referrer },
    socket: { remoteAddress: address },
  };
}

/** What `decide` says, in more words. */
function outcomeOf(target: RedirectTarget, now: number): Outcome {
  if (decide(target, now) === 'redirect')
    return target.options?.passwordHash == null ? 'redirect' : 'password';
  if (target.withheld !== null) return target.withheld;
  if (target.startsAt !== null && now < target.startsAt) return 'not_started';
  return target.expiresAt !== null && now >= target.expiresAt ? 'expired' : 'spent';
}

const fallbackOf = ({ options }: RedirectTarget, outcome: Outcome): string | null =>
  outcome === 'expired' || outcome === 'spent' ? (options?.fallbackUrl ?? null) : null;
