import type { ClientBase } from 'pg';
import { ClickBlocksService } from '../../src/analytics/blocks/click-blocks.service.js';
import { ClickCountsRepository } from '../../src/analytics/ingestion/click-counts.repository.js';
import { ClickDeleter } from '../../src/analytics/ingestion/click-deleter.js';
import { ClickDeletionsRepository } from '../../src/analytics/ingestion/click-deletions.repository.js';
import { ClickEnricher } from '../../src/analytics/ingestion/click-enricher.js';
import { ClickPartitionsRepository } from '../../src/analytics/ingestion/click-partitions.repository.js';
import { ClicksRepository } from '../../src/analytics/ingestion/clicks.repository.js';
import type { CountryLookup } from '../../src/platform/countries/country-lookup.js';
import { DayCounter } from '../../src/analytics/ingestion/day-counter.js';
import { Housekeeper } from '../../src/analytics/ingestion/housekeeper.js';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import { SaltCipher, saltKeyOf } from '../../src/analytics/ingestion/salt-cipher.js';
import { VisitorSaltsRepository } from '../../src/analytics/ingestion/visitor-salts.repository.js';

/** All that brings clicks into the database, on one connection. */
export class TestIngestion {
  readonly clicks: ClicksRepository;
  readonly ingester: Ingester;
  readonly deleter: ClickDeleter;
  private readonly counts: ClickCountsRepository;
  private readonly blocks: ClickBlocksService;
  private readonly partitions: ClickPartitionsRepository;
  private readonly days: DayCounter;
  private readonly salts: VisitorSaltsRepository;

  constructor(
    client: ClientBase,
    countries: Pick<CountryLookup, 'find'> = { find: () => undefined },
    mostClicksMerged?: number,
    secret = 'a secret of tests',
  ) {
    this.clicks = new ClicksRepository(client);
    this.counts = new ClickCountsRepository(client);
    this.blocks = new ClickBlocksService(client, { mostClicksMerged });
    this.partitions = new ClickPartitionsRepository(client);
    this.days = new DayCounter(this.counts, this.clicks, this.blocks);
    this.salts = new VisitorSaltsRepository(client, new SaltCipher(saltKeyOf(secret)));
    const deletions = new ClickDeletionsRepository(client);
    this.ingester = new Ingester(
      this.clicks,
      this.counts,
      this.days,
      this.partitions,
      new ClickEnricher(countries),
      this.salts,
      deletions,
    );
    this.deleter = new ClickDeleter(this.clicks, this.counts, deletions, this.blocks);
  }

  /** Does all that there is to do at this time (Unix milliseconds). */
  async tidyUp(now: number, retentionDays: number): Promise<void> {
    const { clicks, counts, blocks, days, partitions, salts } = this;
    const keeper = new Housekeeper(clicks, counts, blocks, days, partitions, salts, retentionDays);
    while (await keeper.tidyUp(now));
  }
}
