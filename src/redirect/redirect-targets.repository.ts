import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { DatabaseConnection } from '../platform/database/connection.js';
import { leadsToBlockedHost, someLeadToBlockedHost } from '../links/blocked-hosts.sql.js';
import type { LinkRule, SplitVariant } from '../links/link-rules.types.js';
import type {
  LinkOptions,
  RedirectStatus,
  RedirectTarget,
  Withheld,
} from '../links/links.types.js';
import { linkKey, partsOf } from './link-key.js';
import type { LinkDetails } from './redirect.types.js';
import { compileRules } from './target-rules.js';
import { VisitorCountries } from './visitor-countries.js';

/** A visitor is waiting, and is to get an answer within a second, whatever the database does. */
const CONNECT_TIMEOUT_MS = 450;
const QUERY_TIMEOUT_MS = 450;

interface Row {
  domain: string;
  code: string;
  id: string;
  url: string;
  redirect_status: RedirectStatus;
  starts_at: Date | null;
  expires_at: Date | null;
  max_clicks: number | null;
  withheld: Withheld | null;
  fallback_url: string | null;
  forward_query: boolean;
  forward_path: boolean;
  track_clicks: boolean;
  password_hash: string | null;
  rules: LinkRule[] | null;
  split: SplitVariant[] | null;
}

/**
 * Reads links for redirects, on connections of its own: slow queries of the API can take all of
 * the common pool without keeping a visitor waiting.
 */
@Injectable()
export class RedirectTargetsRepository implements OnApplicationShutdown {
  private readonly pool: pg.Pool;

  constructor(
    connection: DatabaseConnection,
    private readonly countries: VisitorCountries,
  ) {
    this.pool = new pg.Pool({
      ...connection.target,
      application_name: 'signpost-redirect',
      max: 2,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    // An idle connection that breaks is replaced by the pool; the next lookup tells whether it can.
    this.pool.on('error', () => undefined);
  }

  /**
   * The targets of those keys that exist; also those that are withheld, since they answer 410. Whether
   * one is disabled or blocked is decided here, so that no process needs a list of users and hosts.
   */
  async findTargets(keys: string[]): Promise<Map<string, RedirectTarget>> {
    const names = keys.map(partsOf);
    const { rows } = await this.pool.query<Row>(
      `SELECT domain, code, id, url, redirect_status, starts_at, expires_at, max_clicks,
              CASE
                WHEN deleted_at IS NOT NULL THEN 'deleted'
                WHEN disabled_at IS NOT NULL THEN 'disabled'
                WHEN (SELECT links_disabled_at FROM users WHERE users.id = links.created_by)
                  IS NOT NULL THEN 'disabled'
                WHEN ${leadsToBlockedHost('url')} THEN 'blocked'
                WHEN ${someLeadToBlockedHost('rules')} THEN 'blocked'
                WHEN ${someLeadToBlockedHost('split')} THEN 'blocked'
                WHEN disabled THEN 'switched_off'
              END AS withheld,
              CASE WHEN NOT ${leadsToBlockedHost('fallback_url')} THEN fallback_url END AS fallback_url,
              forward_query, forward_path, track_clicks, password_hash, rules, split
       FROM unnest($1::text[], $2::text[]) AS wanted (domain, code) JOIN links USING (domain, code)`,
      [names.map(([domain]) => domain), names.map(([, code]) => code)],
    );
    const targets = new Map(rows.map((row) => [linkKey(row.domain, row.code), toTarget(row)]));
    const needsCountry = [...targets.values()].some(({ options }) => options?.rules?.needsCountry);
    if (needsCountry) await this.countries.load();
    return targets;
  }

  /** What a preview tells of a link besides its target; undefined if it is gone. */
  async findDetails(linkId: string): Promise<LinkDetails | undefined> {
    const { rows } = await this.pool.query<LinkDetails>(
      'SELECT domain, code, title, created_at AS "createdAt" FROM links WHERE id = $1',
      [linkId],
    );
    return rows[0];
  }

  /**
   * Spends up to `wanted` clicks of a limited link and returns how many were left to spend: all, if
   * the limit was lifted a moment ago. The row lock makes it exact between processes.
   */
  async spendClicks(linkId: string, wanted: number): Promise<number> {
    const spend = (): Promise<pg.QueryResult<{ granted: number }>> =>
      this.pool.query(
        `UPDATE link_spending AS spending SET spent = spent + budget.granted
         FROM (
           SELECT link_id, least($2::int, max_clicks - spent) AS granted
           FROM link_spending JOIN links ON links.id = link_id
           WHERE link_id = $1 AND spent < coalesce(max_clicks, spent + 1)
           FOR UPDATE OF link_spending
         ) AS budget
         WHERE spending.link_id = budget.link_id RETURNING budget.granted`,
        [linkId, wanted],
      );
    const known = (await spend()).rows[0];
    if (known) return known.granted;
    // Either all is spent, or this is the first click that a limit counts.
    await this.pool.query(
      `INSERT INTO link_spending (link_id) SELECT id FROM links WHERE id = $1 ON CONFLICT DO NOTHING`,
      [linkId],
    );
    return (await spend()).rows[0]?.granted ?? 0;
  }

  /** Whether the link has a limit, and all of it is spent. */
  async isSpent(linkId: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ spent: boolean }>(
      `SELECT spent >= max_clicks AS spent FROM link_spending JOIN links ON links.id = link_id
       WHERE link_id = $1 AND max_clicks IS NOT NULL`,
      [linkId],
    );
    return rows[0]?.spent ?? false;
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.end();
  }
}

const toTarget = (row: Row): RedirectTarget => ({
  linkId: row.id,
  url: row.url,
  status: row.redirect_status,
  startsAt: row.starts_at?.getTime() ?? null,
  expiresAt: row.expires_at?.getTime() ?? null,
  maxClicks: row.max_clicks,
  withheld: row.withheld,
  options: optionsOf(row),
});

function optionsOf(row: Row): LinkOptions | undefined {
  const options = {
    fallbackUrl: row.fallback_url,
    forwardQuery: row.forward_query,
    forwardPath: row.forward_path,
    trackClicks: row.track_clicks,
    passwordHash: row.password_hash,
    rules: compileRules(row.id, row.rules, row.split),
  };
  const isPlain =
    options.fallbackUrl === null &&
    !options.forwardQuery &&
    !options.forwardPath &&
    options.trackClicks &&
    options.passwordHash === null &&
    options.rules === undefined;
  return isPlain ? undefined : options;
}
