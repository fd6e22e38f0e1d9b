import type { ClientBase } from 'pg';

/** Serialises the processes that make partitions; any number that nobody else uses. */
const PARTITION_LOCK = 7_310_842_017;

/** The monthly partitions of the clicks table, made before the first click of their month. */
export class ClickPartitionsRepository {
  private readonly known = new Set<string>();

  constructor(private readonly client: ClientBase) {}

  /** Makes the partitions of the months that these times (Unix milliseconds) are in. */
  async ensure(times: Iterable<number>): Promise<void> {
    const months = new Set([...times].map((time) => new Date(time).toISOString().slice(0, 7)));
    for (const month of months) {
      if (!this.known.has(month)) await this.create(month);
      this.known.add(month);
    }
  }

  private async create(month: string): Promise<void> {
    const [year, number] = month.split('-').map(Number) as [number, number];
    const next = new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
    const name = `clicks_${month.replace('-', '_')}`;
    await this.client.query('BEGIN');
    try {
      await this.client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await this.client.query(
        `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF clicks
         FOR VALUES FROM ('${month}-01 00:00:00+00') TO ('${next}-01 00:00:00+00')`,
      );
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}
