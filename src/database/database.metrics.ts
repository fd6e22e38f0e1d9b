import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { MetricsService } from '../observability/metrics.service.js';

/** How busy the connections of the API are. */
@Injectable()
export class DatabaseMetrics {
  constructor(metrics: MetricsService, @InjectDataSource() dataSource: DataSource) {
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
