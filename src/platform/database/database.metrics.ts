import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { MetricsService } from '../observability/metrics.service.js';
import { DatabaseConnection } from './connection.js';
import { DatabaseStatus } from './database-status.js';

/** Whether PostgreSQL answers, and how busy the connections of the API are. */
@Injectable()
export class DatabaseMetrics {
  constructor(
    metrics: MetricsService,
    connection: DatabaseConnection,
    status: DatabaseStatus,
    @InjectDataSource() dataSource: DataSource,
  ) {
    let answers = true;
    connection.watch((now) => (answers = now));
    metrics.gauge({
      name: 'signpost_database_up',
      help: 'Whether PostgreSQL answers and its schema is complete; of several workers, all of them.',
      aggregator: 'min',
      collect() {
        // Heard of, and not asked for: a scrape must not wait for a database that is silent.
        this.set(Number(status.state === 'ready' && answers));
      },
    });
    metrics.gauge({
      name: 'signpost_database_connections',
      help: 'Connections of the pool of the API, and requests that wait for one.',
      labelNames: ['state'],
      collect() {
        if (!dataSource.isInitialized) return;
        const pool = (dataSource.driver as unknown as { master: Pool }).master;
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
  }
}
