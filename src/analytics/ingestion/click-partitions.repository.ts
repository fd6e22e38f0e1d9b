import type { ClientBase } from 'pg';
import { DAY_MS } from '../analytics.types.js';
import { dayOf } from './visitor-hasher.js';

/** Serialises the processes that make partitions; any number that nobody else uses. */
const PARTITION_LOCK = 7_310_842_017;
const DROP_LOCK_TIMEOUT = '2s';

/** The partitions of clicks, by month, and of visitors, by day, made before they are needed. */
export class ClickPartitionsRepository {
  private readonly known = new Set<string>();

  constructor(private readonly client: ClientBase) {}

  /** Makes the partitions for clicks at these times (Unix milliseconds). */
  async ensure(times: Iterable<number>): Promise<void> {
    for (const day of new Set([...times].map(dayOf))) {
      await this.create(monthPartition(day.slice(0, 7)));
      await this.create(dayPartition(day));
    }
  }

  /** Makes those of tomorrow and of the next two months. */
  async ensureAhead(now: number): Promise<void> {
    await this.ensure([now, now + DAY_MS]);
    for (const months of [1, 2]) {
      await this.create(monthPartition(dayOf(now + months * 31 * DAY_MS).slice(0, 7)));
    }
  }

  /** The months (as `2026-12`) whose clicks there are, the oldest first. */
  async months(): Promise<string[]> {
    return (await this.partitionsOf('clicks')).map((name) => name.slice(-7).replace('_', '-'));
  }

  /** Drops the clicks of a month. Fails rather than wait for long reports. */
  async dropMonth(month: string): Promise<void> {
    const { name } = monthPartition(month);
    await this.client.query(`SET LOCAL lock_timeout = '${DROP_LOCK_TIMEOUT}'`);
    await this.client.query(`DROP TABLE IF EXISTS ${name}`);
    this.known.delete(name);
  }

  /** Drops the visitors of past days whose salt is gone: nobody is recognised as one of them. */
  async dropPastVisitors(now: number): Promise<void> {
    const { rows } = await this.client.query<{ day: string }>(
      `SELECT to_char(day, 'YYYY-MM-DD') AS day FROM visitor_salts`,
    );
    const needed = new Set(rows.map(({ day }) => dayPartition(day).name));
    const today = dayPartition(dayOf(now)).name;
    for (const name of await this.partitionsOf('visitor_days')) {
      if (needed.has(name) || name >= today) continue;
      await this.inTransaction(async () => {
        await this.client.query(`SET LOCAL lock_timeout = '${DROP_LOCK_TIMEOUT}'`);
        await this.client.query(`DROP TABLE IF EXISTS ${name}`);
      });
      this.known.delete(name);
    }
  }

  private async partitionsOf(table: string): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent = $1::regclass ORDER BY relname`,
      [table],
    );
    return rows.map(({ name }) => name);
  }

  private async create({ name, definition }: Partition): Promise<void> {
    if (this.known.has(name)) return;
    await this.inTransaction(async () => {
      await this.client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await this.client.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${definition}`);
    });
    this.known.add(name);
  }

  private async inTransaction(work: () => Promise<void>): Promise<void> {
    await this.client.query('BEGIN');
    try {
      await work();
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
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
