import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { ProblemError } from '../../common/problem/problem.error.js';
import { currentRequest, withScope } from '../../common/request-context.js';

/** What is done last in a transaction. */
interface LastStep {
  order: string;
  run: () => Promise<void>;
}

/** The transaction of a request scope. */
interface Transaction {
  manager: EntityManager;
  lastSteps: LastStep[];
}

/**
 * The way repositories reach PostgreSQL. Inside `transaction` every repository joins the
 * transaction of the request being served, without passing a manager around.
 */
@Injectable()
export class DatabaseService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws ProblemError database-unavailable until the first connection has been made. */
  get manager(): EntityManager {
    const ambient = this.current;
    if (ambient) return ambient.manager;
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
    const outer = this.current;
    return this.manager.transaction((manager) => {
      const transaction: Transaction = { manager, lastSteps: [] };
      return withScope({ transaction }, async () => {
        const result = await work();
        if (outer) outer.lastSteps.push(...transaction.lastSteps);
        else await runInOrder(transaction.lastSteps);
        return result;
      });
    });
  }

  /**
   * Does it when all other work of the current transaction is done, those of a lower `order` first; at once
   * if there is no transaction. It is for rows that many transactions want to lock: they are locked for a
   * short time, and always in one order.
   */
  async beforeCommit(order: string, run: () => Promise<void>): Promise<void> {
    if (this.current) this.current.lastSteps.push({ order, run });
    else await run();
  }

  private get current(): Transaction | undefined {
    return currentRequest()?.transaction as Transaction | undefined;
  }
}

async function runInOrder(steps: LastStep[]): Promise<void> {
  const sorted = steps.toSorted((a, b) => (a.order < b.order ? -1 : Number(a.order > b.order)));
  for (const { run } of sorted) await run();
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
