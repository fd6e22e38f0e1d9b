import type { ImportNote, ImportRule } from '../imports.types.js';
import { jsonLinesReader, jsonReader } from './json-reader.js';
import { type Item, listOf, membersOf, tagNames, textOrUndefined as text } from './json-values.js';
import { lineOf, note, type RawRecord } from './raw-record.js';
import { partsOf } from './short-url.js';
import { shlinkRules } from './shlink-rules.js';
import { timeOf } from './time.js';

/** Domains of a service itself, which stay there. */
const SHARED_HOSTS = new Set(['bit.ly', 'bitly.com', 'j.mp']);

const mapsTo = (field: string): ImportNote => note('maps-to-rule', field);

const lost = (detail = 'made disabled'): ImportNote => note('password-lost', detail);

export const shlink = jsonReader(
  'shlink',
  (document) => listOf(membersOf(membersOf(document)['shortUrls'])['data']),
  (item) => 'shortCode' in item && 'longUrl' in item,
  (item) => {
    const meta = membersOf(item['meta']);
    const { rules, warnings } = shlinkRules(item['redirectRules']);
    if (item['hasRedirectRules'] === true && item['redirectRules'] === undefined) {
      warnings.push(
        note('rules-fetched-separately', 'has redirect rules, which are not in the file'),
      );
    }
    return [
      {
        code: item['shortCode'],
        domain: item['domain'],
        url: item['longUrl'],
        title: item['title'],
        tags: listOf(item['tags']),
        startsAt: meta['validSince'],
        expiresAt: meta['validUntil'],
        maxClicks: meta['maxVisits'],
        createdAt: item['dateCreated'],
        clicks: membersOf(item['visitsSummary'])['total'] ?? item['visitsCount'],
        warnings,
        forwardQuery: item['forwardQuery'] === true,
        indexable: item['crawlable'] === true,
        ...(rules.length > 0 && { rules }),
      },
    ];
  },
);

export const yourlsApi = jsonReader(
  'yourls',
  // An object whose names are link_1, link_2 and so on.
  (document) => Object.values(membersOf(membersOf(document)['links'])),
  (item) => 'shorturl' in item && 'url' in item,
  ({ shorturl, url, title, timestamp, clicks }) => [
    { ...partsOf(shorturl), url, title, createdAt: timestamp, clicks },
  ],
);

export const kutt = jsonReader(
  'kutt',
  (document) => listOf(membersOf(document)['data']),
  (item) => 'address' in item && 'target' in item,
  (item) => {
    const warnings: ImportNote[] = [];
    if (item['password'] === true) warnings.push(lost());
    if (item['banned'] === true) warnings.push(note('banned', 'made disabled'));
    return [
      {
        code: item['address'],
        domain: item['domain'],
        url: item['target'],
        title: item['description'],
        expiresAt: item['expire_in'],
        createdAt: item['created_at'],
        clicks: item['visit_count'],
        warnings,
        ...(warnings.length > 0 && { disabled: true }),
      },
    ];
  },
);

export const bitly = jsonReader(
  'bitly',
  (document) => listOf(membersOf(document)['links']),
  (item) => 'long_url' in item && 'id' in item,
  (item) => {
    const names = [item['id'], ...listOf(item['custom_bitlinks'])];
    return names.map((name, index) => {
      const parts = partsOf(name);
      const warnings: ImportNote[] = [];
      if (index > 0) warnings.push(note('alias-of', String(item['id'])));
      if (item['archived'] === true) warnings.push(note('archived', 'is archived there'));
      if (SHARED_HOSTS.has(parts.domain ?? '')) {
        warnings.push(note('foreign-domain', parts.domain!));
      }
      return {
        ...parts,
        url: item['long_url'],
        title: item['title'],
        tags: listOf(item['tags']),
        createdAt: item['created_at'],
        warnings,
      };
    });
  },
);

export const dub = jsonReader(
  'dub',
  (document) => (Array.isArray(document) ? document : listOf(membersOf(document)['links'])),
  (item) => 'key' in item && 'url' in item && 'domain' in item,
  (item) => {
    const geo = Object.entries(membersOf(item['geo']));
    const split = listOf(item['testVariants']).map((variant) => {
      const { url, percentage } = membersOf(variant);
      return { url: String(url), weight: Number(percentage) };
    });
    const rules = appRules(item['ios'], item['android'], geo);
    const warnings = [
      geo.length > 0 && mapsTo('geo'),
      text(item['ios']) && mapsTo('ios'),
      text(item['android']) && mapsTo('android'),
      text(item['password']) && mapsTo('password'),
      split.length > 0 && mapsTo('testVariants'),
      text(item['expiredUrl']) && mapsTo('expiredUrl'),
    ].filter((warning) => typeof warning === 'object');
    return [
      {
        code: item['key'],
        domain: item['domain'],
        url: item['url'],
        title: item['title'],
        tags: tagNames(item['tags']),
        expiresAt: item['expiresAt'],
        createdAt: item['createdAt'],
        clicks: item['clicks'],
        warnings,
        ...given('externalId', text(item['externalId'])),
        ...given('note', text(item['comments'])),
        ...given('password', text(item['password'])),
        ...given('fallbackUrl', text(item['expiredUrl'])),
        ...(text(item['disabledAt']) && { disabled: true }),
        ...(rules.length > 0 && { rules }),
        ...(split.length > 0 && { split }),
      },
    ];
  },
);

export const chhoto = jsonReader(
  'chhoto',
  listOf,
  (item) => 'shortlink' in item && 'longlink' in item,
  ({ shortlink, longlink, hits, expiry_time: expiresAt, notes }) => [
    { code: shortlink, url: longlink, title: notes, expiresAt, clicks: hits },
  ],
);

export const sink = jsonReader(
  'sink',
  (document) => (Array.isArray(document) ? document : listOf(membersOf(document)['links'])),
  (item) => 'slug' in item && 'url' in item,
  (item) => {
    const geo = Object.entries(membersOf(item['geo']));
    const rules = appRules(item['apple'], item['google'], geo);
    const hasPassword = text(item['password']) !== undefined;
    const warnings = [
      text(item['apple']) && mapsTo('apple'),
      text(item['google']) && mapsTo('google'),
      geo.length > 0 && mapsTo('geo'),
      hasPassword && mapsTo('password'),
    ].filter((warning) => typeof warning === 'object');
    return [
      {
        code: item['slug'],
        url: item['url'],
        title: item['comment'],
        tags: listOf(item['tags']),
        expiresAt: item['expiration'],
        createdAt: item['createdAt'],
        warnings,
        forwardQuery: item['redirectWithQuery'] === true,
        // Only its hash is there, and of a kind that is not checked here.
        ...(hasPassword && { disabled: true }),
        ...(rules.length > 0 && { rules }),
      },
    ];
  },
);

export const rebrandly = jsonReader(
  'rebrandly',
  (document) => (Array.isArray(document) ? document : listOf(membersOf(document)['links'])),
  (item) => 'slashtag' in item && 'destination' in item,
  (item) => [
    {
      code: item['slashtag'],
      domain: item['domainName'] ?? partsOf(item['shortUrl']).domain,
      url: item['destination'],
      title: item['title'],
      tags: tagNames(item['tags']),
      createdAt: item['createdAt'],
      clicks: item['clicks'],
      ...(item['status'] !== undefined && item['status'] !== 'active' && { disabled: true }),
    },
  ],
);

export const shortio = jsonReader(
  'shortio',
  (document) => (Array.isArray(document) ? document : listOf(membersOf(document)['links'])),
  (item) => 'originalURL' in item && 'path' in item,
  (item) => {
    const rules = appRules(item['iphoneURL'], item['androidURL'], []);
    return [
      {
        code: item['path'],
        domain: partsOf(item['secureShortURL'] ?? item['shortURL']).domain,
        url: item['originalURL'],
        title: item['title'],
        tags: tagNames(item['tags']),
        createdAt: item['createdAt'],
        expiresAt: item['expiresAt'],
        maxClicks: item['clicksLimit'],
        clicks: item['clicks'],
        warnings: item['archived'] === true ? [note('archived', 'is archived there')] : [],
        ...given('fallbackUrl', text(item['expiredURL'])),
        ...(rules.length > 0 && { rules }),
      },
    ];
  },
);

export const golink = jsonLinesReader(
  'golink',
  (item) => 'Short' in item && 'Long' in item,
  (item) => {
    const owner = lineOf(item['Owner']);
    const isTemplate = String(item['Long']).includes('{{');
    const template = note('url-template', 'the target is a template, which has no counterpart');
    return {
      code: item['Short'],
      url: item['Long'],
      createdAt: item['Created'],
      warnings: [
        isTemplate ? note('template', 'is a template') : note('path-appended', 'path is appended'),
        ...(owner === null ? [] : [note('owner', owner)]),
      ],
      ...(isTemplate && { error: template }),
      forwardPath: true,
      forwardQuery: true,
    };
  },
);

/** The export of this service itself: fields have the names that they have in its API. */
export const signpostLines = jsonLinesReader(
  'signpost',
  (item) => 'redirectStatus' in item && 'code' in item && 'url' in item,
  (item) => signpostRecord(item),
);

export function signpostRecord(item: Item): RawRecord {
  const boolean = (name: string) => given(name, asBoolean(item[name]));
  const warnings: ImportNote[] = [];
  if (asBoolean(item['hasPassword'])) warnings.push(lost());
  if (item['disabledAt']) {
    warnings.push(note('disabled', 'was disabled there by an administrator'));
  }
  return {
    code: item['code'],
    domain: item['domain'],
    url: item['url'],
    title: item['title'],
    tags: listOf(item['tags']),
    startsAt: item['startsAt'],
    expiresAt: item['expiresAt'],
    maxClicks: item['maxClicks'],
    createdAt: item['createdAt'],
    clicks: item['clicks'],
    warnings,
    updatedAt: timeOf(item['updatedAt']) ?? undefined,
    redirectStatus: Number(item['redirectStatus']) || 302,
    spentClicks: Number(item['spentClicks']) || 0,
    ...given('externalId', text(item['externalId'])),
    ...given('note', text(item['note'])),
    ...given('fallbackUrl', text(item['fallbackUrl'])),
    ...boolean('forwardQuery'),
    ...boolean('forwardPath'),
    ...boolean('trackClicks'),
    ...boolean('disabled'),
    ...(warnings.length > 0 && { disabled: true }),
    ...(listOf(item['rules']).length > 0 && { rules: item['rules'] as ImportRule[] }),
    ...(listOf(item['split']).length > 0 && { split: item['split'] as RawRecord['split'] }),
  };
}

const asBoolean = (value: unknown): boolean | undefined => {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
};

const given = <T>(name: string, value: T | undefined) =>
  value === undefined ? {} : { [name]: value };

/** iOS first, then Android, then countries. */
function appRules(ios: unknown, android: unknown, geo: [string, unknown][]): ImportRule[] {
  const rules: ImportRule[] = [];
  if (text(ios)) rules.push({ when: { os: ['iOS'] }, url: String(ios) });
  if (text(android)) rules.push({ when: { os: ['Android'] }, url: String(android) });
  for (const [country, url] of geo) {
    if (text(url)) rules.push({ when: { country: [country.toUpperCase()] }, url: String(url) });
  }
  return rules;
}
