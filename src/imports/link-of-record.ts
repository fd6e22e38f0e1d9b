import { type LinkToImport, REDIRECT_STATUSES } from '../links/links.types.js';
import type { ImportNote, ImportRecord } from './imports.types.js';

/** Errors about a code: it can be another one, or be left out. */
const OF_CODES = new Set(['code-unsupported', 'code-twice-in-file']);

/** What a record becomes here, and what of it cannot be taken over. */
export interface LinkOfRecord {
  link: LinkToImport;
  warnings: ImportNote[];
}

/** Whether a record cannot become a link, whatever its code. */
export const isUseless = ({ error }: ImportRecord): boolean =>
  error !== undefined && !OF_CODES.has(error.code);

/** Which hosts links can be on. */
export interface LinkHosts {
  /** The host as links have it, empty for the default one; undefined if it is none. */
  domainOf(host: string | null): string | undefined;
  /** Whether it is a verified domain of the workspace. */
  isOwn(host: string): boolean;
  /** That of PUBLIC_URL. */
  defaultHost: string;
}

/** The link that a record stands for. */
export function linkOfRecord(record: ImportRecord, hosts: LinkHosts): LinkOfRecord {
  const warnings = [...record.warnings];
  const warn = (code: string, detail: string): void => {
    warnings.push({ code, detail });
  };
  const domain = hosts.domainOf(record.domain);
  const isHere = domain === '' || (domain !== undefined && hosts.isOwn(domain));
  if (!isHere) {
    const detail = `${record.domain} is not a domain of the workspace: made on ${hosts.defaultHost}`;
    warn('domain-not-here', detail);
  }
  const hasPassword = record.password !== undefined;
  if (hasPassword) warn('password-lost', 'made disabled: set a new password, and enable it');
  if (record.indexable)
    warn('indexable', 'search engines are always asked not to index short links');
  const { maxClicks, clicks } = record;
  const spentClicks = record.spentClicks ?? (maxClicks === null ? 0 : clicks);
  const link: LinkToImport = {
    url: record.url,
    domain: isHere && domain !== '' ? domain : null,
    code: record.code ?? undefined,
    title: record.title,
    tags: record.tags,
    startsAt: dateOf(record.startsAt),
    expiresAt: dateOf(record.expiresAt),
    createdAt: dateOf(record.createdAt),
    updatedAt: dateOf(record.updatedAt ?? null),
    maxClicks,
    importedClicks: clicks,
    spentClicks,
    redirectStatus: REDIRECT_STATUSES.find((status) => status === record.redirectStatus),
    externalId: record.externalId,
    disabled: record.disabled || hasPassword || undefined,
    note: record.note,
    fallbackUrl: record.fallbackUrl,
    forwardQuery: record.forwardQuery,
    forwardPath: record.forwardPath,
    trackClicks: record.trackClicks,
    rules: record.rules,
    split: record.split,
  };
  return { link, warnings };
}

const dateOf = (time: string | null): Date | null => (time === null ? null : new Date(time));
