import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { ServerConfig } from '../../config/server.config.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import type { IngestionProgress } from './ingestion/ingestion.types.js';
import { ClickRecorderService } from './recording/click-recorder.service.js';
import { spoolRoot } from './common/spool-format.js';

/** Gauges that are read from the ingester's last report. */
const BACKLOG: [name: string, help: string, of: (progress: IngestionProgress) => number][] = [
  [
    'signpost_spool_segments',
    'Sealed segments that wait to be ingested.',
    (p) => p.waitingSegments,
  ],
  ['signpost_spool_bytes', 'Bytes of sealed segments that wait.', (p) => p.waitingBytes],
  [
    'signpost_spool_kept_bytes',
    'Bytes of stored segments that are kept in case the database loses them.',
    (p) => p.keptBytes,
  ],
  [
    'signpost_spool_kept_seconds',
    'How far they go back.',
    (p) => (p.keptSince === undefined ? 0 : Math.max(0, Date.now() - p.keptSince) / 1000),
  ],
  [
    'signpost_spool_keeping_less',
    'Whether they go back less far than SPOOL_KEEP_HOURS, for lack of room or by an error.',
    (p) => Number(p.isKeepingLess),
  ],
  [
    'signpost_spool_replaying',
    'Whether they are being offered to the database again.',
    (p) => Number(p.isReplaying),
  ],
  [
    'signpost_clicks_aside',
    'Clicks in no report: damaged, or refused by the database, and kept aside. Must be 0.',
    (p) => p.refusedAside + p.corruptAside,
  ],
  [
    'signpost_is_ingester',
    'Whether the spool is being ingested here.',
    (p) => Number(p.isIngester),
  ],
];

const PROGRESS: [name: string, help: string, of: (progress: IngestionProgress) => number][] = [
  ['signpost_clicks_ingested_total', 'Clicks brought into the database.', (p) => p.clicks],
  ['signpost_segments_ingested_total', 'Segments brought into the database.', (p) => p.segments],
  [
    'signpost_segments_rejected_total',
    'Segments of which the database has refused clicks.',
    (p) => p.rejectedSegments,
  ],
  ['signpost_corrupt_records_total', 'Damaged records put aside.', (p) => p.corruptRecords],
  [
    'signpost_segments_replayed_total',
    'Kept segments that the database had lost.',
    (p) => p.replayedSegments,
  ],
  ['signpost_foreign_files_total', 'Foreign files found in the spool.', (p) => p.foreignFiles],
];

/** Of the file system that the spool is on. */
const DISK: [name: string, help: string, of: (disk: StatsFs) => number][] = [
  [
    'signpost_spool_disk_free_bytes',
    'Room for clicks on the disk of the spool.',
    (disk) => disk.bavail * disk.bsize,
  ],
  ['signpost_spool_disk_bytes', 'Size of that disk.', (disk) => disk.blocks * disk.bsize],
];

/** How clicks fare between the redirect and the database. */
@Injectable()
export class ClickMetrics {
  constructor(
    metrics: MetricsService,
    recorder: ClickRecorderService,
    ingestion: IngestionService,
    { dataDir }: ServerConfig,
  ) {
    const total = (name: string, help: string, value: () => number): void => {
      metrics.counter({
        name,
        help,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    };
    total(
      'signpost_clicks_recorded_total',
      'Clicks written to the spool.',
      () => recorder.counts.recorded,
    );
    total(
      'signpost_clicks_lost_total',
      'Clicks answered but not recorded, because the disk failed. Must stay 0.',
      () => recorder.counts.lost,
    );
    for (const [name, help, of] of PROGRESS) {
      total(name, help, () => (ingestion.progress ? of(ingestion.progress) : 0));
    }
    // The one worker that ingests knows; the others say 0, or the same.
    const aggregator = 'max';
    metrics.gauge({
      name: 'signpost_spool_age_seconds',
      help: 'Age of the oldest segment that is not in the database yet.',
      aggregator,
      collect() {
        this.set(ingestion.lagMs / 1000);
      },
    });
    for (const [name, help, of] of BACKLOG) {
      metrics.gauge({
        name,
        help,
        aggregator,
        collect() {
          this.set(ingestion.progress ? of(ingestion.progress) : 0);
        },
      });
    }
    for (const [name, help, of] of DISK) {
      metrics.gauge({
        name,
        help,
        aggregator,
        async collect() {
          const disk = await statfs(spoolRoot(dataDir)).catch(() => undefined);
          // Without a spool there is nothing to tell; readiness says why.
          if (disk) this.set(of(disk));
        },
      });
    }
  }
}
