import { LRUCache } from 'lru-cache';
import { AgentCache } from '../../common/user-agent.js';
import { preferredLanguage, referrerHost } from '../../common/visitor-headers.js';
import type { CountryLookup } from '../../platform/countries/country-lookup.js';
import type { ClickRecord } from '../common/spool-format.js';
import type { Click } from './ingestion.types.js';

const MAX_VALUE_LENGTH = 100;
const NO_PARAMETERS = new URLSearchParams();

/** Finds out what the request of a click tells: country, browser, referrer, campaign, bot or not. */
export class ClickEnricher {
  private readonly agents = new AgentCache(10_000);
  private readonly hosts = new LRUCache<string, string>({ max: 10_000 });

  constructor(private readonly countries: CountryLookup) {}

  enrich(record: ClickRecord): Pick<Click, 'isBot' | 'dimensions'> {
    const agent = this.agents.find(record.userAgent);
    // Most clicks have none, and parsing takes longer than looking.
    const tellsMore = record.query.includes('utm') || record.query.includes('qr');
    const query = tellsMore ? new URLSearchParams(record.query) : NO_PARAMETERS;
    const dimensions: Click['dimensions'] = {
      country: this.countries.find(record.address),
      referrer: this.hostOf(record.referrer) || undefined,
      browser: agent.browser,
      os: agent.os,
      device: agent.device,
      language: preferredLanguage(record.language)?.split('-', 1)[0],
      utm_source: clean(query.get('utm_source')),
      utm_medium: clean(query.get('utm_medium')),
      utm_campaign: clean(query.get('utm_campaign')),
      target: record.target,
      qr: query.has('qr') ? 'qr' : undefined,
    };
    return { isBot: agent.isBot || record.isPrefetch, dimensions };
  }

  private hostOf(referrer: string): string {
    let host = this.hosts.get(referrer);
    if (host === undefined) {
      host = referrerHost(referrer) ?? '';
      this.hosts.set(referrer, host);
    }
    return host;
  }
}

const CHARACTERS = new Intl.Segmenter();

/** PostgreSQL cannot store NUL, and no report wants control characters or endless values. */
function clean(value: string | null): string | undefined {
  const text = value?.replace(/\p{Cc}/gu, '').trim() ?? '';
  if (text.length <= MAX_VALUE_LENGTH) return text || undefined;
  // A letter with its accents, or an emoji of several, is there as a whole or not at all.
  const { index } = CHARACTERS.segment(text).containing(MAX_VALUE_LENGTH)!;
  return text.slice(0, index).trimEnd() || undefined;
}
