import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionTarget } from '../../src/platform/database/connection.js';
import { ClickEnricher } from '../../src/analytics/ingestion/click-enricher.js';
import { CountryLookup } from '../../src/platform/countries/country-lookup.js';
import type { IngestionSession } from '../../src/analytics/ingestion/ingestion-loop.js';
import { openSession } from '../../src/analytics/ingestion/ingestion-session.js';
import { type Segment, SpoolReader } from '../../src/analytics/ingestion/spool-reader.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { DEFAULTS } from '../defaults.ts';

/** As large as the segments that a busy service seals. */
const CLICKS_PER_SEGMENT = 15_000;
const SEGMENTS_AT_ONCE = 4;

/** A spool and its ingester, as they are in the service. */
export class Ingestion {
  private readonly root = mkdtempSync(join(tmpdir(), 'signpost-bench-spool-'));
  private readonly writer = join(this.root, uuidv7());
  private readonly reader = new SpoolReader(this.root);

  private constructor(private readonly session: IngestionSession) {
    mkdirSync(this.writer);
  }

  static async on(databaseUrl: string): Promise<Ingestion> {
    const target = connectionTarget({
      url: databaseUrl,
      connectionTimeoutMs: 5_000,
      statementTimeoutMs: 30_000,
    });
    const countries = await CountryLookup.open(DEFAULTS.clicks.geoipDatabase);
    const options = {
      target,
      lanes: 2,
      maxTransactionBytes: 4 * 2 ** 20,
      retentionDays: 400,
      saltKey: randomBytes(32),
    };
    return new Ingestion(await openSession(options, new ClickEnricher(countries)));
  }

  /** Puts clicks into the spool; nobody is waiting for them yet. */
  spool(count: number, lines: (from: number, clicks: number) => string): void {
    for (let start = 0; start < count; start += CLICKS_PER_SEGMENT) {
      const clicks = Math.min(CLICKS_PER_SEGMENT, count - start);
      writeFileSync(join(this.writer, `${uuidv7()}.sealed`), lines(start, clicks));
    }
  }

  /** Brings all of the spool into the database, some segments at a time as the service does. */
  async drain(): Promise<number> {
    let clicks = 0;
    const files = await this.reader.findSegments();
    for (let start = 0; start < files.length; start += SEGMENTS_AT_ONCE) {
      const segments: Segment[] = [];
      for (const file of files.slice(start, start + SEGMENTS_AT_ONCE))
        segments.push(await this.reader.read(file));
      clicks += await this.session.ingest(segments);
      for (const segment of segments) await this.reader.discard(segment);
    }
    return clicks;
  }

  /** What the service does when it has time: past days are tidied up. */
  async tidyUp(): Promise<void> {
    while (await this.session.tidyUp());
  }

  async remove(): Promise<void> {
    await this.session.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
