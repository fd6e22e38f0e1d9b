import pg from 'pg';
import type { Filter, Scope, TimeRange } from './reports.types.js';

/** Of the year 10000, in which the last day of 9999 ends, PostgreSQL takes no sign. */
const sqlTime = (time: number): string => new Date(time).toISOString().replace(/^\+0/, '');

/** The values of a statement, which never become part of its text. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** Keeps the value and returns what stands for it in the SQL. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  time(time: number): string {
    return this.add(sqlTime(time), 'timestamptz');
  }

  /** As the text of an array: there may be thousands, and pg would look for what it has to escape. */
  times(times: number[]): string {
    return this.add(`{${times.map(sqlTime).join()}}`, 'timestamptz[]');
  }

  within(column: string, { from, to }: TimeRange): string {
    return `${column} >= ${this.time(from)} AND ${column} < ${this.time(to)}`;
  }

  /** When the last of the ranges ends that begin before the time in the column, or with it. */
  endAt(column: string, ranges: TimeRange[]): string {
    const [since, until] = [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
    return `(${this.times(until)})[width_bucket(${column}, ${this.times(since)})]`;
  }

  /** A table `stretch` of the ranges, with columns `since` and `until`. */
  stretches(ranges: TimeRange[]): string {
    const [since, until] = [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
    return `unnest(${this.times(since)}, ${this.times(until)}) AS stretch (since, until)`;
  }
}

/** For statements without parameters: times and ids, alone or in arrays, become part of the text. */
export class SqlLiterals extends SqlParameters {
  override add(value: string | string[], type: string): string {
    const text = Array.isArray(value) ? `{${value.join()}}` : value;
    return `${pg.escapeLiteral(text)}::${type}`;
  }
}

/** Whose clicks, as a condition on the `link_id` or `workspace_id` that tables of counts begin with. */
export const scopeCondition = (scope: Scope, parameters: SqlParameters): string =>
  'linkIds' in scope
    ? `link_id = ANY(${parameters.add(scope.linkIds, 'uuid[]')})`
    : `workspace_id = ${parameters.add(scope.workspaceId, 'uuid')}`;

/** Whether a click passes the filter; `column` holds its value of the dimension. */
export function filterCondition(
  { only, not }: Filter,
  column: string,
  parameters: SqlParameters,
): string {
  const matches = (values: (string | null)[]): string => {
    const known = values.filter((value) => value !== null);
    const isKnown = `coalesce(${column} = ANY(${parameters.add(known, 'text[]')}), false)`;
    return values.includes(null) ? `(${isKnown} OR ${column} IS NULL)` : isKnown;
  };
  const conditions: string[] = [];
  if (only.length > 0) conditions.push(matches(only));
  if (not.length > 0) conditions.push(`NOT ${matches(not)}`);
  return conditions.join(' AND ');
}

/** Whether clicks whose value is unknown pass the filter. */
export const passesUnknown = ({ only, not }: Filter): boolean =>
  !not.includes(null) && (only.length === 0 || only.includes(null));
