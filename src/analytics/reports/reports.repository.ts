import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../../database/database.service.js';
import {
  ALL_CLICKS,
  CLICK_COLUMNS,
  type Dimension,
  DIMENSION_BUCKET_MS,
} from '../analytics.types.js';
import type { Filter, TimeRange } from './reports.types.js';

/** Numbers as PostgreSQL sends them: bigint is text. */
interface CountsRow {
  clicks: string;
  bots: string;
  visitors: string;
}
export interface SeriesRow extends CountsRow {
  /** Which of the starts its bucket has, from 1. */
  bucket: number;
}
export interface ValueRow extends CountsRow {
  dimension: Dimension;
  value: string | null;
}

const SUMS = 'sum(clicks) AS clicks, sum(bots) AS bots, sum(visitors) AS visitors';
const COUNTS = `count(*) AS clicks, count(*) FILTER (WHERE is_bot) AS bots,
  count(*) FILTER (WHERE is_new_visitor) AS visitors`;

/** Reads the counts of a link: from rollups, and from the clicks themselves where a filter needs them. */
@Injectable()
export class ReportsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Sums between consecutive starts; a bucket without clicks has no row. */
  series(linkId: string, { from, to }: TimeRange, starts: number[]): Promise<SeriesRow[]> {
    return this.database.query(
      `SELECT width_bucket(bucket, $4::timestamptz[]) AS bucket, ${SUMS}
       FROM click_rollups
       WHERE link_id = $1 AND dimension = '${ALL_CLICKS}' AND bucket >= $2 AND bucket < $3
       GROUP BY 1`,
      [linkId, timestamp(from), timestamp(to), starts.map(timestamp)],
    );
  }

  /** The same of the clicks that pass the filters; it reads every click of the range. */
  filteredSeries(
    linkId: string,
    { from, to }: TimeRange,
    starts: number[],
    filters: Filter[],
  ): Promise<SeriesRow[]> {
    const parameters: unknown[] = [linkId, timestamp(from), timestamp(to), starts.map(timestamp)];
    return this.database.query(
      `SELECT width_bucket(clicked_at, $4::timestamptz[]) AS bucket, ${COUNTS}
       FROM clicks
       WHERE link_id = $1 AND clicked_at >= $2 AND clicked_at < $3 ${where(filters, parameters)}
       GROUP BY 1`,
      parameters,
    );
  }

  /**
   * Sums by value; clicks without a value have no row. Rollups are of whole hours, so where a range
   * begins or ends within one (in zones like Asia/Kathmandu), the clicks themselves are counted.
   */
  values(linkId: string, range: TimeRange, dimensions: Dimension[]): Promise<ValueRow[]> {
    const firstHour = Math.ceil(range.from / DIMENSION_BUCKET_MS) * DIMENSION_BUCKET_MS;
    const lastHour = Math.floor(range.to / DIMENSION_BUCKET_MS) * DIMENSION_BUCKET_MS;
    const edges = [
      [range.from, Math.min(firstHour, range.to)],
      [Math.max(firstHour, lastHour), range.to],
    ].filter(([from, to]) => from! < to!) as [number, number][];
    const parameters: unknown[] = [linkId, dimensions, timestamp(firstHour), timestamp(lastHour)];
    const parts = edges.map(([from, to]) => {
      parameters.push(timestamp(from), timestamp(to));
      const [first, last] = [parameters.length - 1, parameters.length];
      return `UNION ALL SELECT ${byValue(dimensions)}
        WHERE link_id = $1 AND clicked_at >= $${first} AND clicked_at < $${last}
          AND entry.value IS NOT NULL GROUP BY 1, 2`;
    });
    return this.database.query(
      `SELECT dimension, value, ${SUMS} FROM (
         SELECT dimension, value, ${SUMS} FROM click_rollups
         WHERE link_id = $1 AND dimension = ANY($2::text[]) AND bucket >= $3 AND bucket < $4
         GROUP BY 1, 2 ${parts.join(' ')}
       ) AS part GROUP BY 1, 2`,
      parameters,
    );
  }

  /** The same of the clicks that pass the filters; clicks without a value have a row, too. */
  filteredValues(
    linkId: string,
    { from, to }: TimeRange,
    dimensions: Dimension[],
    filters: Filter[],
  ): Promise<ValueRow[]> {
    const parameters: unknown[] = [linkId, timestamp(from), timestamp(to)];
    return this.database.query(
      `SELECT ${byValue(dimensions)}
       WHERE link_id = $1 AND clicked_at >= $2 AND clicked_at < $3 ${where(filters, parameters)}
       GROUP BY 1, 2`,
      parameters,
    );
  }
}

/** Columns and source of clicks with one row for each dimension. */
function byValue(dimensions: Dimension[]): string {
  const entries = dimensions.map((name) => `('${name}', ${CLICK_COLUMNS[name]})`).join(', ');
  return `entry.dimension, entry.value, ${COUNTS}
    FROM clicks CROSS JOIN LATERAL (VALUES ${entries}) AS entry (dimension, value)`;
}

/** Column names come from our own table, values go into the parameters. */
function where(filters: Filter[], parameters: unknown[]): string {
  const matches = (column: string, values: (string | null)[]): string => {
    parameters.push(values.filter((value) => value !== null));
    const isAny = `coalesce(${column} = ANY($${parameters.length}::text[]), false)`;
    return values.includes(null) ? `(${isAny} OR ${column} IS NULL)` : isAny;
  };
  return filters
    .flatMap(({ dimension, only, not }) => {
      const column = CLICK_COLUMNS[dimension];
      const conditions: string[] = [];
      if (only.length > 0) conditions.push(`AND ${matches(column, only)}`);
      if (not.length > 0) conditions.push(`AND NOT ${matches(column, not)}`);
      return conditions;
    })
    .join(' ');
}

const timestamp = (time: number): string => new Date(time).toISOString();
