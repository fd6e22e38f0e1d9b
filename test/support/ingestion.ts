import type { ClientBase } from 'pg';
import { ClickCountsRepository } from '../../src/analytics/ingestion/click-counts.repository.js';
import { ClickEnricher } from '../../src/analytics/ingestion/click-enricher.js';
import { ClickPacksRepository } from '../../src/analytics/ingestion/click-packs.repository.js';
import { ClickRollupsRepository } from '../../src/analytics/ingestion/click-rollups.repository.js';
import { ClickPartitionsRepository } from '../../src/analytics/ingestion/click-partitions.repository.js';
import { ClicksRepository } from '../../src/analytics/ingestion/clicks.repository.js';
import type { CountryLookup } from '../../src/analytics/ingestion/country-lookup.js';
import { DayCounter } from '../../src/analytics/ingestion/day-counter.js';
import { Housekeeper } from '../../src/analytics/ingestion/housekeeper.js';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import { RollupRebuildRepository } from '../../src/analytics/ingestion/rollup-rebuild.repository.js';
import { SaltCipher, saltKeyOf } from '../../src/analytics/ingestion/salt-cipher.js';
import { VisitorSaltsRepository } from '../../src/analytics/ingestion/visitor-salts.repository.js';
import { RollupRebuilder } from '../../src/analytics/ingestion/rollup-rebuilder.js';

/** All that brings clicks into the database, on one connection. */
export class TestIngestion {
  readonly clicks: ClicksRepository;
  readonly ingester: Ingester;
  private readonly counts: ClickCountsRepository;
  private readonly packs: ClickPacksRepository;
  private readonly partitions: ClickPartitionsRepository;
  private readonly days: DayCounter;
  private readonly salts: VisitorSaltsRepository;

  constructor(
    private readonly client: ClientBase,
    countries: Pick<CountryLookup, 'find'> = { find: () => undefined },
    mostClicksWithoutRollups?: number,
    mostClicksMerged?: number,
    secret = 'a secret of tests',
  ) {
    this.clicks = new ClicksRepository(client);
    this.counts = new ClickCountsRepository(client);
    this.packs = new ClickPacksRepository(client);
    this.partitions = new ClickPartitionsRepository(client);
    this.days = new DayCounter(
      this.counts,
      this.packs,
      new ClickRollupsRepository(client),
      mostClicksWithoutRollups,
      mostClicksMerged,
    );
    this.salts = new VisitorSaltsRepository(client, new SaltCipher(saltKeyOf(secret)));
    this.ingester = new Ingester(
      this.clicks,
      this.counts,
      this.days,
      this.partitions,
      new ClickEnricher(countries),
      this.salts,
    );
  }

  /** Does all that there is to do at this time (Unix milliseconds). */
  async tidyUp(now: number, retentionDays: number): Promise<void> {
    const { clicks, counts, packs, days, partitions, salts } = this;
    const keeper = new Housekeeper(clicks, counts, packs, days, partitions, salts, retentionDays);
    while (await keeper.tidyUp(now));
  }

  /** Counts all clicks anew; returns what it says meanwhile. */
  async rebuild(): Promise<string[]> {
    const progress: string[] = [];
    const repository = new RollupRebuildRepository(this.client);
    const report = (line: string) => void progress.push(line);
    await new RollupRebuilder(this.clicks, this.days, this.partitions, repository, report).run();
    return progress;
  }
}
