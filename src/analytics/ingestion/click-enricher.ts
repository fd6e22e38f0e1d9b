import { LRUCache } from 'lru-cache';
import { parseUrl } from '../../common/parse-url.js';
import { type Agent, parseUserAgent } from '../../common/user-agent.js';
import type { ClickRecord } from '../common/spool-format.js';
import type { CountryLookup } from './country-lookup.js';
import type { Click } from './ingestion.types.js';

const MAX_VALUE_LENGTH = 100;
/** RFC 1035; half a host would be another one. */
const MAX_HOST_LENGTH = 253;
const MAX_LANGUAGES = 20;
const NO_PARAMETERS = new URLSearchParams();

/** Finds out what the request of a click tells: country, browser, referrer, campaign, bot or not. */
export class ClickEnricher {
  /** Parsing takes some 20 µs, and most clicks come with few different user agents. */
  private readonly agents = new LRUCache<string, Agent>({ max: 10_000 });
  private readonly hosts = new LRUCache<string, string>({ max: 10_000 });

  constructor(private readonly countries: CountryLookup) {}

  enrich(record: ClickRecord): Pick<Click, 'isBot' | 'dimensions'> {
    const agent = this.agentOf(record.userAgent);
    // Most clicks have none, and parsing takes longer than looking.
    const tellsMore = record.query.includes('utm') || record.query.includes('qr');
    const query = tellsMore ? new URLSearchParams(record.query) : NO_PARAMETERS;
    const dimensions: Click['dimensions'] = {
      country: this.countries.find(record.address),
      referrer: this.hostOf(record.referrer) || undefined,
      browser: agent.browser,
      os: agent.os,
      device: agent.device,
      language: languageOf(record.language),
      utm_source: clean(query.get('utm_source')),
      utm_medium: clean(query.get('utm_medium')),
      utm_campaign: clean(query.get('utm_campaign')),
      target: record.target,
      qr: query.has('qr') ? 'qr' : undefined,
    };
    return { isBot: agent.isBot || record.isPrefetch, dimensions };
  }

  private agentOf(userAgent: string): Agent {
    const known = this.agents.get(userAgent);
    if (known) return known;
    const agent = parseUserAgent(userAgent);
    this.agents.set(userAgent, agent);
    return agent;
  }

  private hostOf(referrer: string): string {
    let host = this.hosts.get(referrer);
    if (host === undefined) {
      host = parseUrl(referrer)?.hostname.toLowerCase() ?? '';
      if (host.length > MAX_HOST_LENGTH) host = '';
      this.hosts.set(referrer, host);
    }
    return host;
  }
}

/** A language, without its region, and its weight (RFC 9110 §12.5.4). */
const LANGUAGE = /^\s*([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i;

/** The language preferred most, the first of them if there are several. */
function languageOf(header: string): string | undefined {
  let [most, language]: [number, string | undefined] = [0, undefined];
  for (const range of header.split(',', MAX_LANGUAGES)) {
    const [, name, weight = '1'] = LANGUAGE.exec(range) ?? [];
    if (name !== undefined && Number(weight) > most) [most, language] = [Number(weight), name];
    // Browsers put it first, and nothing weighs more.
    if (most === 1) break;
  }
  return language?.toLowerCase();
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
