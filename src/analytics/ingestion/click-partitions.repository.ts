import type { ClientBase } from 'pg';
import { dayOf } from './visitor-hasher.js';

/** Serialises the processes that make partitions; any number that nobody else uses. */
const PARTITION_LOCK = 7_310_842_017;

/** The partitions of clicks, by month, and of visitors, by day, made before they are needed. */
export class ClickPartitionsRepository {
  private readonly known = new Set<string>();

  constructor(private readonly client: ClientBase) {}

  /** Makes the partitions that these times (Unix milliseconds) are in. */
  async ensure(times: Iterable<number>): Promise<void> {
    for (const day of new Set([...times].map(dayOf))) {
      await this.create(monthPartition(day.slice(0, 7)));
      await this.create(dayPartition(day));
    }
  }

  private async create({ name, definition }: Partition): Promise<void> {
    if (this.known.has(name)) return;
    await this.client.query('BEGIN');
    try {
      await this.client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await this.client.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${definition}`);
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
    this.known.add(name);
  }
}

interface Partition {
  name: string;
  definition: string;
}

function monthPartition(month: string): Partition {
  const [year, number] = month.split('-').map(Number) as [number, number];
  const next = new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
  return {
    name: `clicks_${month.replace('-', '_')}`,
    definition: `clicks FOR VALUES FROM ('${month}-01 00:00:00+00') TO ('${next}-01 00:00:00+00')`,
  };
}

const dayPartition = (day: string): Partition => ({
  name: `visitor_days_${day.replaceAll('-', '_')}`,
  definition: `visitor_days FOR VALUES IN ('${day}')`,
});
