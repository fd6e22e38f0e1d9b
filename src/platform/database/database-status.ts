import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { describeError } from './database-unavailable.js';
import type { UnsuitableDatabase } from './unsuitable-database.js';

export type DatabaseState =
  'connecting' | 'migrating' | 'pending-migrations' | 'unsuitable' | 'ready';

interface Pong {
  answers: boolean;
  refusal?: string;
}

/** How far this process has come with its database; read by health, written by DatabaseStartup. */
@Injectable()
export class DatabaseStatus {
  private current: DatabaseState = 'connecting';
  private pending: string[] = [];
  private error: string | undefined;
  private refusal: string | undefined;
  private announceReady: () => void;
  private readonly ready = new Promise<void>((resolve) => {
    this.announceReady = resolve;
  });

  private announceUnsuitable: (error: UnsuitableDatabase) => void;
  private readonly unsuitable = new Promise<never>((_, reject) => {
    this.announceUnsuitable = reject;
  });

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    // Not everybody asks.
    this.unsuitable.catch(() => undefined);
  }

  /** Never leaves `ready` again: whether PostgreSQL answers at this moment is what `ping` tells. */
  get state(): DatabaseState {
    return this.current;
  }

  /** The migrations that must be applied before this process can be ready. */
  get pendingMigrations(): readonly string[] {
    return this.pending;
  }

  /** Why the process is not ready yet, fit to be shown to an operator. */
  get lastError(): string | undefined {
    return this.error;
  }

  /** Resolves once the database has been reached and its schema is complete. */
  whenReady(): Promise<void> {
    return this.ready;
  }

  /** Rejects with an UnsuitableDatabase if this process can never work with the database. */
  whenUnsuitable(): Promise<never> {
    return this.unsuitable;
  }

  /** Whether PostgreSQL answers within the time; never throws. */
  async ping(timeoutMs: number): Promise<boolean> {
    if (!this.dataSource.isInitialized) return false;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Pong>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, { answers: false });
    });
    const answer = this.dataSource.query('SELECT 1').then(
      (): Pong => ({ answers: true }),
      (error): Pong => ({ answers: false, refusal: describeError(error) }),
    );
    const pong = await Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
    this.refusal = pong.refusal;
    return pong.answers;
  }

  /** Why the last ping failed, fit to be shown to an operator; undefined if nothing came in time. */
  get lastRefusal(): string | undefined {
    return this.refusal;
  }

  /** Whether requests of the API wait for one of the pool's connections. */
  get isPoolExhausted(): boolean {
    if (!this.dataSource.isInitialized) return false;
    return (this.dataSource.driver as unknown as { master: Pool }).master.waitingCount > 0;
  }

  /** @internal for DatabaseStartup */
  enter(state: DatabaseState, pendingMigrations: string[] = []): void {
    this.current = state;
    this.pending = pendingMigrations;
    if (state === 'ready') {
      this.error = undefined;
      this.announceReady();
    }
  }

  /** @internal for DatabaseStartup */
  giveUp(error: UnsuitableDatabase): void {
    this.current = 'unsuitable';
    this.error = error.message;
    this.announceUnsuitable(error);
  }

  /** @internal for DatabaseStartup */
  failed(reason: string): void {
    this.error = reason;
  }
}
