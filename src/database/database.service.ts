import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { ProblemError } from '../common/problem/problem.error.js';
import { currentRequest, withScope } from '../common/request-context.js';

/**
 * The way repositories reach PostgreSQL. Inside `transaction` every repository joins the
 * transaction of the request being served, without passing a manager around.
 */
@Injectable()
export class DatabaseService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws ProblemError database-unavailable until the first connection has been made. */
  get manager(): EntityManager {
    const ambient = currentRequest()?.transaction as EntityManager | undefined;
    if (ambient) return ambient;
    if (!this.dataSource.isInitialized) throw databaseUnavailable();
    return this.dataSource.manager;
  }

  repository<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T> {
    return this.manager.getRepository(entity);
  }

  /** Runs parameterised SQL in the current transaction, if any, and returns its rows. */
  query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.manager.query<Row[]>(sql, parameters);
  }

  /** Runs the work in one transaction; within a transaction it becomes a savepoint of that one. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.manager.transaction((manager) => withScope({ transaction: manager }, work));
  }
}

/** The answer while PostgreSQL cannot be reached. */
export function databaseUnavailable(cause?: unknown): ProblemError {
  return new ProblemError('database-unavailable', {
    detail:
      'The database cannot be reached, or does not answer in time. Try again in a few seconds.',
    headers: { 'retry-after': '5' },
    cause,
  });
}
