import bowser from 'bowser';
import { isbot } from 'isbot';
import { LRUCache } from 'lru-cache';
import { parseUrl } from '../../common/parse-url.js';
import type { ClickRecord } from '../recording/spool.types.js';
import type { CountryLookup } from './country-lookup.js';
import type { Click } from './ingestion.types.js';

const MAX_VALUE_LENGTH = 100;
const NO_CAMPAIGN = new URLSearchParams();

interface Agent {
  isBot: boolean;
  browser?: string;
  os?: string;
  device?: string;
}

/** Finds out what the request of a click tells: country, browser, referrer, campaign, bot or not. */
export class ClickEnricher {
  /** Parsing takes some 20 µs, and most clicks come with few different user agents. */
  private readonly agents = new LRUCache<string, Agent>({ max: 10_000 });
  private readonly hosts = new LRUCache<string, string>({ max: 10_000 });

  constructor(private readonly countries: CountryLookup) {}

  enrich(record: ClickRecord): Pick<Click, 'isBot' | 'dimensions'> {
    const agent = this.agentOf(record.userAgent);
    // Most clicks have none, and parsing takes longer than looking.
    const campaign = record.query.includes('utm') ? new URLSearchParams(record.query) : NO_CAMPAIGN;
    const dimensions: Click['dimensions'] = {
      country: this.countries.find(record.address),
      referrer: this.hostOf(record.referrer) || undefined,
      browser: agent.browser,
      os: agent.os,
      device: agent.device,
      language: languageOf(record.language),
      utm_source: clean(campaign.get('utm_source')),
      utm_medium: clean(campaign.get('utm_medium')),
      utm_campaign: clean(campaign.get('utm_campaign')),
    };
    return { isBot: agent.isBot || record.isPrefetch, dimensions };
  }

  private agentOf(userAgent: string): Agent {
    const known = this.agents.get(userAgent);
    if (known) return known;
    const agent = parse(userAgent);
    this.agents.set(userAgent, agent);
    return agent;
  }

  private hostOf(referrer: string): string {
    let host = this.hosts.get(referrer);
    if (host === undefined) {
      host = clean(parseUrl(referrer)?.hostname.toLowerCase()) ?? '';
      this.hosts.set(referrer, host);
    }
    return host;
  }
}

/** isbot() says no to an empty user agent, but browsers always send one. */
function parse(userAgent: string): Agent {
  if (userAgent.trim() === '' || isbot(userAgent)) return { isBot: true, device: 'bot' };
  const { browser, os, platform } = bowser.parse(userAgent);
  return {
    isBot: false,
    browser: clean(browser.name),
    os: clean(os.name),
    device: clean(platform.type),
  };
}

/** The language preferred most, without its region: browsers put it first (RFC 9110 §12.5.4). */
const languageOf = (header: string): string | undefined =>
  /^\s*([a-z]{2,3})(?=[-,;\s]|$)/i.exec(header)?.[1]?.toLowerCase();

/** PostgreSQL cannot store NUL, and no report wants control characters or endless values. */
function clean(value: string | null | undefined): string | undefined {
  const text = value
    ?.replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_VALUE_LENGTH)
    .toWellFormed();
  return text || undefined;
}
