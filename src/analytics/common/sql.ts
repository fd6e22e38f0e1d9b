import type { TimeRange } from '../analytics.types.js';

export interface SqlResult<Row> {
  rows: Row[];
}

/** A connection to PostgreSQL, as `pg` has it. */
export interface SqlClient {
  query<Row extends object>(sql: string, values?: unknown[]): Promise<SqlResult<Row>>;
}

/** What PostgreSQL reads as this time (Unix milliseconds); it takes no sign of the year 10000. */
export const timestamp = (time: number): string => new Date(time).toISOString().replace(/^\+0/, '');

/** Unix milliseconds of a column with a time. */
export const milliseconds = (column: string): string =>
  `extract(epoch FROM ${column})::float8 * 1000`;

/**
 * An array parameter of ids, numbers and the like: values without anything that needs quotes. What
 * `pg` does with an array looks for that in every value, and takes several times as long.
 */
export const plain = <T>(rows: readonly T[], of: (row: T) => string | number | boolean): string =>
  `{${rows.map(of).join(',')}}`;

/** Bytes as a value for `plain`. */
export const binary = (bytes: Buffer): string => String.raw`"\\x${bytes.toString('hex')}"`;

/** The values of a statement, which never become part of its text. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** Keeps the value and returns what stands for it in the SQL. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  time(time: number): string {
    return this.add(timestamp(time), 'timestamptz');
  }

  times(times: readonly number[]): string {
    return this.add(plain(times, timestamp), 'timestamptz[]');
  }

  /** That the column is one of the ids. Of a single one it is an equation: then one node is asked. */
  oneOf(column: string, ids: readonly string[]): string {
    return ids.length === 1
      ? `${column} = ${this.add(ids[0], 'uuid')}`
      : `${column} = ANY(${this.add(ids, 'uuid[]')})`;
  }

  /** A table `wanted` of the ranges, with columns `since` and `until`. */
  ranges(ranges: readonly TimeRange[]): string {
    const [since, until] = [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
    return `unnest(${this.times(since)}, ${this.times(until)}) AS wanted (since, until)`;
  }
}
