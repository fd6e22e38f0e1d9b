import { CLICK_COLUMNS } from '../analytics.types.js';
import type { Filter, Scope, TimeRange } from './reports.types.js';

/** The values of a statement, which never become part of its text. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** Keeps the value and returns what stands for it in the SQL. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  time(time: number): string {
    return this.add(new Date(time).toISOString(), 'timestamptz');
  }

  within(column: string, { from, to }: TimeRange): string {
    return `${column} >= ${this.time(from)} AND ${column} < ${this.time(to)}`;
  }
}

/** Deleted links are not of the workspace any more. */
export function scopeCondition(scope: Scope, parameters: SqlParameters): string {
  if ('linkId' in scope) return `link_id = ${parameters.add(scope.linkId, 'uuid')}`;
  const conditions = [
    `workspace_id = ${parameters.add(scope.workspaceId, 'uuid')}`,
    'deleted_at IS NULL',
  ];
  if (scope.tag !== undefined) {
    conditions.push(`tags @> ARRAY[${parameters.add(scope.tag, 'text')}]`);
  }
  return `link_id IN (SELECT id FROM links WHERE ${conditions.join(' AND ')})`;
}

/** Column names come from our own table, values go into the parameters. */
export function filterCondition(
  { dimension, only, not }: Filter,
  parameters: SqlParameters,
): string {
  const column = CLICK_COLUMNS[dimension];
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
