import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import pg from 'pg';
import { Clock } from '../common/clock.js';
import { HostsService } from '../domains/hosts.service.js';
import { DatabaseConnection } from '../platform/database/connection.js';
import { DatabaseStatus } from '../platform/database/database-status.js';

const HEARTBEAT_MS = 2_000;
const HEARTBEAT_TIMEOUT_MS = 2_000;
const RECONNECT_MS = 500;
const CLOSE_TIMEOUT_MS = 1_000;

export interface LinkChangesHandler {
  /** The link with this key changed; every link may have if it is undefined. */
  onLinkChanged(key: string | undefined): void;
  onDatabaseReachable(reachable: boolean): void;
}

/**
 * Hears of every change of a link or a domain, through whichever process, by LISTEN/NOTIFY. A heartbeat on the
 * same connection proves that nothing was missed: PostgreSQL delivers in order.
 */
@Injectable()
export class LinkChangesListener implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Nothing that changed between `connectedAt` and `heardAt` was missed (Unix milliseconds). */
  connectedAt = Infinity;
  heardAt = -Infinity;

  private readonly logger = new Logger(LinkChangesListener.name);
  private readonly stop = new AbortController();
  private client: pg.Client | undefined;
  private handler: LinkChangesHandler | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly connection: DatabaseConnection,
    private readonly database: DatabaseStatus,
    private readonly clock: Clock,
    private readonly hosts: HostsService,
  ) {}

  subscribe(handler: LinkChangesHandler): void {
    this.handler = handler;
  }

  onApplicationBootstrap(): void {
    void this.database.whenReady().then(() => {
      this.loop = this.listenForever();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    void this.client?.end().catch(() => undefined);
    // On a dead network neither closing nor an attempt to connect ever comes to an end.
    await Promise.race([this.loop, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  private async listenForever(): Promise<void> {
    let wasConnected = true;
    while (!this.stop.signal.aborted) {
      try {
        await this.listenOnce(() => {
          if (!wasConnected) {
            this.logger.log('Hearing of link changes again.');
            this.connection.note(true);
          }
          wasConnected = true;
        });
      } catch (error) {
        if (this.stop.signal.aborted) return;
        this.handler?.onDatabaseReachable(false);
        // Nobody tells of changes, but perhaps the domains can be read.
        this.hosts.reload();
        if (wasConnected) {
          this.logger.warn(`Cannot hear of link changes: ${(error as Error).message}`);
          this.connection.note(false);
        }
        wasConnected = false;
      }
      this.connectedAt = Infinity;
      await sleep(RECONNECT_MS, undefined, { signal: this.stop.signal }).catch(() => undefined);
    }
  }

  /** Returns only by throwing, when the connection is lost or silent. */
  private async listenOnce(onConnected: () => void): Promise<never> {
    const client = new pg.Client({
      ...this.connection.target,
      application_name: 'signpost-listen',
      query_timeout: HEARTBEAT_TIMEOUT_MS,
    });
    this.client = client;
    let lost: Error | undefined;
    const wake = new AbortController();
    client.on('error', (error) => {
      lost = error;
      wake.abort();
    });
    client.on('end', () => wake.abort());
    client.on('notification', ({ channel, payload }) => {
      if (channel === 'domain_changed') this.hosts.reload();
      else this.handler?.onLinkChanged(payload === '*' ? undefined : payload);
    });
    try {
      await client.connect();
      await client.query('LISTEN link_changed; LISTEN domain_changed');
      this.connectedAt = this.heardAt = this.clock.now();
      this.handler?.onDatabaseReachable(true);
      this.hosts.reload();
      onConnected();
      for (;;) {
        await sleep(HEARTBEAT_MS, undefined, { signal: wake.signal }).catch(() => undefined);
        if (wake.signal.aborted) throw lost ?? new Error('the connection ended');
        const sentAt = this.clock.now();
        await client.query('SELECT 1');
        this.heardAt = sentAt;
      }
    } finally {
      client.removeAllListeners('notification');
      // Not awaited: on a dead network closing would wait for an answer as well.
      void client.end().catch(() => undefined);
    }
  }
}
